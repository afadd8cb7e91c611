"""Every recurrence with a matrix state, against what it declares and against dense linear algebra in float64."""

from __future__ import annotations

import math

import pytest
import torch

from tests.cases import normal
from tests.cells.declarations import Uniform
from tests.matrix_cells.networks import HEADS, KEYS, MODELS, SEQUENCES, STEPS, VALUES, network, walked
from whylstm import matrix_cells
from whylstm.gradients import matrix
from whylstm.matrix_cells.base import Step

NAMES = matrix_cells.names()
SATURATIONS = (0.1, 1.0, 5.0)
END, LAGS, MIXINGS = 10, 7, 2

every = pytest.mark.parametrize("name", NAMES)
saturated = pytest.mark.parametrize("saturation", SATURATIONS)


def test_the_family_holds_every_recurrence_of_the_study():
    assert set(NAMES) >= {"gla", "mamba2", "mlstm", "deltanet", "gated_deltanet", "deltanet_signed", "rwkv7"}


@every
def test_names_and_shapes_are_in_order(name):
    cell, step, _ = walked(name)
    assert cell.name == name and cell.source
    assert {"q", "k", "v"} <= set(cell.drives) and not set(cell.drives) & set(cell.extras)
    assert cell.carry_drive is None or cell.carry_drive in cell.drives
    where = (MODELS, SEQUENCES, STEPS, HEADS)
    for field in (step.carry, step.key, step.query):
        assert field.shape == (*where, KEYS)
    assert step.value.shape == (*where, cell.columns(VALUES))
    assert (step.left is None) == (step.right is None)


@every
@saturated
def test_the_jacobian_of_a_step_is_its_transition_on_every_column(name, saturation):
    """By automatic differentiation of ``advance``; both are the same sums of two products, to some ulp."""
    cell, step, _ = walked(name, saturation)
    for one in matrix.unbound(step)[:2]:
        one = Step(*(value[0, 0, 0] for value in (one.carry, one.key, one.value, one.query)), *_mixed(one))
        state = normal("state", (KEYS, cell.columns(VALUES)), 0)
        jacobian = torch.autograd.functional.jacobian(one.advance, state)
        expected = torch.einsum("ik,cd->ickd", one.transition(), torch.eye(cell.columns(VALUES)))
        torch.testing.assert_close(jacobian, expected, rtol=1e-14, atol=1e-15)


def _mixed(one: Step) -> tuple:
    return (None, None) if one.left is None else (one.left[0, 0, 0], one.right[0, 0, 0])


@every
def test_the_product_of_transitions_is_the_jacobian_of_the_unroll(name):
    cell, step, _ = walked(name)
    past = [_first(one) for one in matrix.unbound(step)[END - LAGS : END]]

    def unrolled(state):
        for one in past:
            state = one.advance(state)
        return state

    state = normal("state", (KEYS, cell.columns(VALUES)), 0)
    jacobian = torch.autograd.functional.jacobian(unrolled, state)
    product = torch.eye(KEYS)
    for one in past:
        product = one.transition() @ product
    expected = torch.einsum("ik,cd->ickd", product, torch.eye(cell.columns(VALUES)))
    torch.testing.assert_close(jacobian, expected, rtol=1e-12, atol=1e-14)
    norm = torch.linalg.vector_norm(jacobian).log10() - math.log10(cell.columns(VALUES)) / 2
    found = matrix.mixing_profile(step, END, LAGS, MIXINGS)["norm"][-1, 0, 0, 0]
    torch.testing.assert_close(found, norm, rtol=0, atol=1e-12)


def _first(one: Step) -> Step:
    return Step(*(value[0, 0, 0] for value in (one.carry, one.key, one.value, one.query)), *_mixed(one))


@every
@saturated
def test_mixings_add_up_to_the_whole_and_none_is_the_carry(name, saturation):
    """All paths by brute force, 2^k of them sorted by their number of mixings."""
    _, step, _ = walked(name, saturation)
    found = matrix.mixing_profile(step, END, LAGS, MIXINGS)
    assert set(found) == {"norm", "carry", "mixing_1", "mixing_2", "mixing_rest"}
    past = [_first(one) for one in reversed(matrix.unbound(step)[END - LAGS : END])]
    terms = {0: torch.eye(KEYS)}
    for lag, one in enumerate(past, start=1):
        carried, turned = one.carry.diag(), one.transition() - one.carry.diag()
        new = {}
        for r, term in terms.items():
            for count, matrix_ in ((r, carried), (r + 1, turned)):
                new[count] = new.get(count, torch.zeros(KEYS, KEYS)) + term @ matrix_
        terms = new
        expected = {"norm": sum(terms.values()), "carry": terms[0]}
        expected |= {f"mixing_{r}": terms.get(r, torch.zeros(KEYS, KEYS)) for r in (1, 2)}
        expected["mixing_rest"] = sum((terms[r] for r in terms if r > 2), torch.zeros(KEYS, KEYS))
        for key, value in expected.items():
            wanted = torch.linalg.vector_norm(value)
            # Terms cancel in the whole, and each is right to some ulp of the largest: 10 decades below it is nothing.
            largest = max(float(torch.linalg.vector_norm(term)) for term in terms.values())
            got = 10 ** found[key][lag - 1, 0, 0, 0]
            assert abs(got - wanted) <= 1e-11 * largest + 1e-12 * wanted, (lag, key)


def test_norms_far_below_the_smallest_number_are_kept():
    """Mamba-2 whose head keeps e^-8 a step: 10^(-8 k/ln 10) at lag k, although 300 steps are 1e-1042."""
    carry = torch.full((1, 1, 300, 1, KEYS), math.exp(-8.0))
    zero = torch.zeros_like(carry)
    mixed = torch.eye(KEYS)[0].expand_as(carry)
    step = Step(carry, zero, zero, zero, left=math.exp(-8.0) * mixed, right=mixed)
    found = matrix.mixing_profile(step, 300, 300, 1)
    lags = torch.arange(1, 301)
    fall = -8 / math.log(10) * lags
    torch.testing.assert_close(found["carry"][:, 0, 0, 0], fall + math.log10(KEYS) / 2, rtol=0, atol=1e-9)
    # The first key keeps twice as much: (D + E)^k has k D^(k-1) E with one mixing.
    torch.testing.assert_close(found["mixing_1"][:, 0, 0, 0], fall + lags.log10(), rtol=0, atol=1e-9)


@every
def test_windows_that_do_not_fit_are_refused(name):
    _, step, _ = walked(name)
    for end, lags in ((3, 4), (STEPS + 1, 2), (3, 0)):
        with pytest.raises(ValueError, match="must be 1 to"):
            matrix.mixing_profile(step, end, lags, 1)


@every
@saturated
def test_eigenvalues_are_real_and_in_their_range_and_norms_below_their_bound(name, saturation):
    cell, step, _ = walked(name, saturation)
    transition = step.transition()
    values = torch.linalg.eigvals(transition)
    # Real eigenvalues that meet split by √ulp.
    assert values.imag.abs().max() < 1e-7
    low, high = cell.eigenvalues
    assert values.real.min() >= low - 1e-7 and values.real.max() <= high + 1e-7
    norms = torch.linalg.matrix_norm(transition, 2)
    assert norms.max() <= cell.norm * (1 + 1e-12)
    if cell.norm == 1:
        profile = matrix.mixing_profile(step, END, LAGS, MIXINGS)["norm"]
        assert (profile.diff(dim=0) <= 1e-12).all()  # the largest direction cannot grow, and neither can the sum


@every
def test_declared_ends_of_the_spectrum_are_reached_to_a_tenth(name):
    cell, step, _ = walked(name, 50.0)  # a sixteenth root wants drives far out
    values = torch.linalg.eigvals(step.transition()).real
    low, high = cell.eigenvalues
    assert values.min() <= low + 0.1 * (high - low) and values.max() >= high - 0.1 * (high - low)


@every
def test_a_larger_carry_bias_keeps_more_and_no_other_one_does(name):
    cell, weights, inputs = network(name)
    kept = {}
    for drive in cell.drives:
        for bias in (-2.0, 2.0):
            moved = weights | {f"b.{drive}": weights[f"b.{drive}"] + bias}
            kept[drive, bias] = matrix.steps(cell, moved, matrix.drives(cell, moved, inputs)).carry
        more = kept[drive, 2.0] > kept[drive, -2.0]
        assert more.all() if drive == cell.carry_drive else not more.any(), drive


@every
def test_heads_and_models_do_not_meet(name):
    cell, weights, inputs = network(name)
    together = matrix.run(cell, weights, inputs)
    for model in range(MODELS):
        for head in range(HEADS):
            own = {key: value[model : model + 1, head : head + 1] for key, value in weights.items()}
            alone = matrix.run(cell, own, inputs[model : model + 1])
            # One product of another shape: some ulp of drives, over eleven steps.
            torch.testing.assert_close(alone[0, :, :, 0], together[model, :, :, head], rtol=1e-11, atol=1e-12)


@every
def test_the_start_is_stable(name):
    """At the start of its own and with unit drives no state overflows, and a thousand steps leave finite outputs."""
    cell = matrix_cells.load(name)
    size = matrix.sizes(8, 8)
    draw = Uniform(0)
    shapes = {extra: (4, size[kind]) for extra, kind in cell.extras.items()}
    extras = {key: torch.from_numpy(value)[None] for key, value in cell.initial_extras(shapes, draw).items()}
    assert {key: tuple(value.shape[1:]) for key, value in extras.items()} == shapes
    assert all(value.isfinite().all() for value in extras.values())
    weights = extras | {f"W.{k}": normal(k, (1, 4, size[kind], 2), 0) / 2**0.5 for k, kind in cell.drives.items()}
    weights |= {f"b.{k}": torch.zeros(1, 4, size[kind]) for k, kind in cell.drives.items()}
    outputs = matrix.run(cell, weights, normal("long", (1, 1, 1000, 2), 0))
    assert outputs.isfinite().all() and outputs.abs().max() < 1e3
    step = matrix.steps(cell, weights, matrix.drives(cell, weights, normal("long", (1, 1, 1000, 2), 0)))
    assert matrix.exponents(step, burn_in=100).max() <= 1e-12


@every
def test_exponents_add_up_to_the_mean_log_determinant(name):
    _, step, _ = walked(name)
    expected = torch.linalg.slogdet(step.transition()).logabsdet.mean(2)
    found = matrix.exponents(step).sum(-1)
    torch.testing.assert_close(found, expected, rtol=1e-10, atol=1e-12)


@every
def test_half_lives_are_those_of_the_carry(name):
    _, step, _ = walked(name)
    lives = matrix.half_lives(step)
    kept = step.carry.log().mean(2).exp()
    assert (lives[kept == 1] == torch.inf).all()
    fading = kept < 1
    torch.testing.assert_close(kept[fading] ** lives[fading], torch.full_like(kept[fading], 0.5), rtol=1e-9, atol=0)
