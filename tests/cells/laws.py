"""What every cell promises, and how each promise is measured: a law takes a case and asserts.

Any cell that :func:`whylstm.cells.names` finds is held to all of them, a stranger's included. The laws of single
declarations (gates, bounds, extras) stand in ``declarations.py``.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from tests.cases import MODELS, Case, alone, without_recurrence
from whylstm.gradients import exact
from whylstm.gradients.factors import Factors, differentiated, factors
from whylstm.gradients.profile import profile
from whylstm.gradients.trajectory import run

EPS = torch.finfo(torch.float64).eps
END, LAG, HOPS = 6, 4, 2
"""Laws look back 4 steps from step 6, with 0, 1 and 2 hops told apart, so that 3 and 4 hops are the rest."""


def coefficients_are_the_derivative(case: Case) -> None:
    by_hand = case.cell.coefficients(*case.arguments)
    if by_hand is None:
        return
    derived = differentiated(case.cell, *case.arguments)
    largest = max(value.abs().max() for value in case.trajectory.states.values())
    for left, right in ((by_hand.carry, derived.carry), (by_hand.mix, derived.mix), (by_hand.driven, derived.drive)):
        assert set(left) <= set(right)
        for block, value in right.items():
            # Both routes are a few roundings away from the truth, but 1 - tanh² and σ(1 - σ) lose digits near
            # saturation: an absolute error of some ulp of what they multiply, which goes into the state as well.
            allowed = 256 * EPS * (1 + max(value.abs().max(), largest))
            assert (left.get(block, torch.zeros_like(value)) - value).abs().max() <= allowed, block


def derivative_is_the_limit_of_differences(case: Case) -> None:
    s, r, a, w = case.arguments
    update, new = case.cell.update, case.cell.update(s, r, a, w)
    derived = differentiated(case.cell, s, r, a, w)
    drives = 1 + sum(value.abs() for value in (*r.values(), *a.values()))
    # An ulp of the largest drive turns into as many of a gate. The terms of s' are no larger than s and s' together;
    # but h' = o tanh C', and 1 - f in C', have terms of order one even where the result is small.
    sizes = {part: s[part].abs() + new[part].abs() for part in s}
    ulps = {part: 16 * EPS * drives * (size + (part == "h")) for part, size in sizes.items()}
    gate_ulps = {part: 16 * EPS * drives * (size + 1) for part, size in sizes.items()}
    for part, value in s.items():
        # A step in proportion to the state: n of the sLSTM, say, may be 1e-9 and its curvature 1e+18.
        step = 1e-6 * torch.where(sizes[part] > 0, sizes[part], 1.0)
        # Where h goes in past every matrix it goes into gates, and so do peepholes of cells without a matrix.
        rounding = gate_ulps if part == "h" or case.cell.diagonal else ulps
        _differences(lambda x, part=part: update({**s, part: x}, r, a, w), value, step, derived.carry, part, rounding)
    for gate, value in r.items():
        step = 1e-6 * (1 + r[gate].abs() + a[gate].abs())
        _differences(lambda x, gate=gate: update(s, {**r, gate: x}, a, w), value, step, derived.mix, gate, gate_ulps)
    for gate, value in a.items():
        step = 1e-6 * (1 + value.abs())
        _differences(lambda x, gate=gate: update(s, r, {**a, gate: x}, w), value, step, derived.drive, gate, gate_ulps)


def _differences(update: Callable, x: Tensor, step: Tensor, derived: dict, name: str, ulps: dict) -> None:
    """Hold derived[new, name] against central differences of ``update`` at x."""
    up, down, far_up, far_down = (update(x + n * step) for n in (1, -1, 2, -2))
    for new, rounding in ulps.items():
        change, wide = (up[new] - down[new]) / 2, (far_up[new] - far_down[new]) / 4
        # Truncation: the error of the near difference is a third of what separates it from the wide one. That is far
        # below the change itself, so that the law says something.
        truncation = (change - wide).abs()
        assert ((change - derived[new, name] * step).abs() <= truncation + rounding).all(), (new, name)
        assert (truncation <= 1e-4 * change.abs() + rounding).all(), (new, name)


def update_is_elementwise(case: Case) -> None:
    s, r, a, w = case.arguments
    unit = case.hidden - 1

    def nudged(values: dict[str, Tensor]) -> dict[str, Tensor]:
        at = torch.arange(case.hidden) == unit
        return {k: torch.where(at, v + 0.5, v) if v.shape[-1] == case.hidden else v for k, v in values.items()}

    own = nudged({name: w[name] for name in case.cell.extras}) | {name: w[name] for name in case.cell.options}
    before, after = case.cell.update(s, r, a, w), case.cell.update(nudged(s), nudged(r), nudged(a), own)
    for part in case.cell.parts:
        assert torch.equal(before[part][..., :unit], after[part][..., :unit]), part
        assert not torch.equal(before[part][..., unit], after[part][..., unit]), part


def product_of_steps_is_the_jacobian_of_the_unroll(case: Case) -> None:
    product = exact.lag_jacobian(case.factors, END, LAG)
    # Each coefficient is off by some ulp of what it is computed from: 1 - tanh², say, by an ulp of 1, however small.
    sizes, blurred = _sizes(case.factors), _sizes(case.factors, blur=8 * EPS)
    allowed = blurred - sizes + 64 * EPS * blurred
    for model in range(MODELS):
        unrolled = exact.autograd_jacobian(case.cell, *alone(case, model), END, LAG)
        assert ((product[model] - unrolled).abs() <= allowed[model]).all()


def hops_add_up(case: Case) -> None:
    terms = exact.hop_terms(case.factors, END, LAG)
    total = exact.lag_jacobian(case.factors, END, LAG)
    # Both sides are sums of at most 2^4 products of 4 matrices: componentwise some ulp of the sum of absolute values.
    assert ((sum(terms.values()) - total).abs() <= 256 * EPS * _sizes(case.factors)).all()
    carry = torch.eye(total.shape[-1]).expand_as(total)
    for step in range(END - 1, END - 1 - LAG, -1):
        carry = carry @ case.factors.dense_carry(step)
    torch.testing.assert_close(terms[0], carry, rtol=0, atol=0)


def streaming_profile_is_the_brute_force_one(case: Case) -> None:
    measured = {name: value[:, :, 0] for name, value in profile(case.factors, [END], LAG, HOPS).items()}
    for lag in range(1, LAG + 1):
        terms = exact.hop_terms(case.factors, END, lag)
        nothing = torch.zeros_like(terms[0])
        expected = _blocks(sum(terms.values()), case.cell.parts, "{old}_to_{new}")
        expected |= _blocks(terms[0], case.cell.parts, "carry_{old}_to_{new}")
        expected |= {"norm": sum(terms.values()), "hop_rest": sum((terms[r] for r in terms if r > HOPS), nothing)}
        expected |= {f"hop_{r}": terms.get(r, nothing) for r in range(HOPS + 1)}
        for name in measured:
            norm = torch.linalg.vector_norm(expected[name], dim=(-2, -1))
            # log₁₀ of norms that each carry a relative error of some ulp times the cancellation within the sum.
            torch.testing.assert_close(measured[name][lag - 1], norm.log10(), rtol=0, atol=1e-9)


def no_path_has_more_hops_than_steps(case: Case) -> None:
    measured = profile(case.factors, [END], LAG, hops=LAG + 1)
    for r in range(1, LAG + 2):
        assert (measured[f"hop_{r}"][: r - 1] == -torch.inf).all()
    assert (measured["hop_rest"] == -torch.inf).all()


def without_carry_every_step_is_a_hop(case: Case) -> None:
    """The tanh network's law; and for every cell, what has no hop is the carry."""
    measured = profile(case.factors, [END], LAG, hops=LAG)
    if case.factors.carry:
        return
    for lag in range(1, LAG + 1):
        assert torch.equal(measured[f"hop_{lag}"][lag - 1], measured["norm"][lag - 1])
        assert all((measured[f"hop_{r}"][lag - 1] == -torch.inf).all() for r in range(LAG + 1) if r != lag)


def without_recurrence_the_carry_is_everything(case: Case) -> None:
    cut = without_recurrence(case)
    total, hidden = exact.lag_jacobian(cut, END, LAG), case.hidden
    expected = {}
    for new in case.cell.parts:
        for old in case.cell.parts:
            expected[new, old] = _carried(cut, new, old, END - 1, LAG)
    rows = [torch.cat([expected[new, old].diag_embed() for old in case.cell.parts], -1) for new in case.cell.parts]
    # The same products of numbers, in another order: some ulp of the largest path.
    torch.testing.assert_close(total, torch.cat(rows, -2), rtol=1e-13, atol=1e-14 * float(total.abs().max()))
    assert total.unflatten(-1, (-1, hidden)).unflatten(1, (-1, hidden)).count_nonzero() <= total[..., 0].numel() * 3
    measured = profile(cut, [END], LAG, HOPS)
    assert torch.equal(measured["norm"], measured["hop_0"])
    assert all((measured[name] == -torch.inf).all() for name in ("hop_1", "hop_2", "hop_rest"))


def _carried(cut: Factors, new: str, old: str, step: int, lag: int) -> Tensor:
    """Return the sum over all walks through the parts of the product of carry diagonals along the walk, (B, H)."""
    if lag == 0:
        return torch.full_like(cut.diagonal(new, old)[0], float(new == old))
    return sum(cut.diagonal(new, via)[step] * _carried(cut, via, old, step - 1, lag - 1) for via in cut.parts)


def models_do_not_meet(case: Case) -> None:
    """Results of one model are bit for bit the same whatever else is in the batch."""
    together = profile(case.factors, [END, END + 1], LAG, HOPS)
    for model in range(MODELS):
        weights, inputs = alone(case, model)
        path = run(case.cell, weights, inputs)
        for part in case.cell.parts:
            assert torch.equal(path.states[part][:, 0], case.trajectory.states[part][:, model])
        by_itself = profile(factors(case.cell, weights, path), [END + 1], LAG, HOPS)
        for name, value in by_itself.items():
            assert torch.equal(value[:, 0, 0], together[name][:, model, 1]), name


def precision_is_kept(case: Case) -> None:
    """Nothing in a cell turns float32 into float64, or back."""
    weights = {name: value.float() for name, value in case.weights.items()}
    path = run(case.cell, weights, case.inputs.float())
    steps = factors(case.cell, weights, path)
    for tensor in (*path.states.values(), *path.recurrent.values(), *steps.carry.values(), *steps.mix.values()):
        assert tensor.dtype == torch.float32


def _sizes(steps: Factors, blur: float = 0.0) -> Tensor:
    """Return |J_t| ... |J_{t-k+1}|, (B, S, S), what the rounding errors of a product are measured against.

    ``blur`` enlarges each coefficient by so much of one and of the largest coefficient of its block.
    """

    def larger(blocks: dict[tuple[str, str], Tensor]) -> dict[tuple[str, str], Tensor]:
        return {block: value.abs() + blur * (1 + value.abs().amax(0)) for block, value in blocks.items()}

    steps = Factors(steps.parts, steps.gates, larger(steps.carry), larger(steps.mix), steps.matrices.abs())
    product = torch.eye(steps.hidden * len(steps.parts))
    for step in range(END - 1, END - 1 - LAG, -1):
        product = product @ (steps.dense_carry(step) + steps.dense_recurrent(step))
    return product


def _blocks(matrix: Tensor, parts: tuple[str, ...], name: str) -> dict[str, Tensor]:
    split = matrix.unflatten(-1, (len(parts), -1)).unflatten(1, (len(parts), -1))
    return {
        name.format(old=old, new=new): split[:, i, :, j] for i, new in enumerate(parts) for j, old in enumerate(parts)
    }


LAWS = (
    coefficients_are_the_derivative,
    derivative_is_the_limit_of_differences,
    update_is_elementwise,
    product_of_steps_is_the_jacobian_of_the_unroll,
    hops_add_up,
    streaming_profile_is_the_brute_force_one,
    no_path_has_more_hops_than_steps,
    without_carry_every_step_is_a_hop,
    without_recurrence_the_carry_is_everything,
    models_do_not_meet,
    precision_is_kept,
)
