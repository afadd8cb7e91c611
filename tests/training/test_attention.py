"""Attention trained: gradients against autograd, torch's own attention, causality, positions, and any company."""

import numpy as np
import pytest
import torch

from tests.training import models
from whylstm import readers
from whylstm.training import attention, engine, loop
from whylstm.training.ensemble import Ensemble, Member
from whylstm.training.evaluate import Examination
from whylstm.training.plan import Plan

ATTENTION = readers.load("attention")
SHAPES = [("temporal_order", 12, 5, 7), ("adding", 40, 33, 16), ("copy", 5, 4, 10), ("adding_pascanu", 30, 6, 9)]
"""Task, length, sequences, hidden units: odd and even, one answer or many, at the same steps or not."""


def ensemble(task, hidden, count=3, dtype=torch.float64, **fields) -> Ensemble:
    return models.ensemble(ATTENTION, task, models.members(count, **fields), hidden, dtype)


def rotation(steps: int, hidden: int) -> torch.Tensor:
    """R_t for t = 0 ... T-1 as dense matrices (T, H, H)."""
    dense = torch.eye(hidden, dtype=torch.float64).repeat(steps, 1, 1)
    for pair in range(hidden // 2):
        angle = torch.arange(steps, dtype=torch.float64) * 10_000 ** (-2 * pair / hidden)
        a, b = 2 * pair, 2 * pair + 1
        dense[:, a, a], dense[:, a, b], dense[:, b, a], dense[:, b, b] = (
            angle.cos(),
            -angle.sin(),
            angle.sin(),
            angle.cos(),
        )
    return dense


def textbook(one: Ensemble, inputs: torch.Tensor) -> torch.Tensor:
    """All h_t of a single model (N, T, H), by torch's own attention; inputs (N, T, D)."""
    weights = {name: value[0] for name, value in one.weights.items()}
    embedded = torch.tanh(inputs @ weights["W"][0].T + weights["b"][0])
    query, key, value = (embedded @ weights["U"][place].T + weights["c"][place] for place in range(3))
    turn = rotation(inputs.shape[1], one.hidden)
    query, key = (torch.einsum("tij,ntj->nti", turn, vectors) for vectors in (query, key))
    return torch.nn.functional.scaled_dot_product_attention(query, key, value, is_causal=True)


def textbook_gradient(models_: Ensemble, place: int, data) -> tuple[float, torch.Tensor]:
    one = models_.take([place])
    one.rows.requires_grad_()
    states = textbook(one, data.inputs[place])
    when = torch.from_numpy(data.when[place])
    chosen = states[torch.arange(len(when))[:, None], when]
    values, targets = chosen @ one.weights["V"][0].T + one.weights["v"][0], data.targets[place]
    if targets.is_floating_point():
        loss = torch.nn.functional.mse_loss(values, targets)
    else:
        loss = torch.nn.functional.cross_entropy(values.flatten(0, 1), targets.flatten())
    return float(loss.detach()), torch.autograd.grad(loss, [one.rows])[0][0]


@pytest.mark.parametrize(("task", "length", "count", "hidden"), SHAPES)
def test_the_gradient_is_that_of_autograd(task, length, count, hidden):
    found_of, data = ensemble(task, hidden), models.sequences(task, length, count, [0, 1, 2])
    found = engine.gradient(found_of, data)
    for place in range(3):
        loss, row = textbook_gradient(found_of, place, data)
        assert found.loss[place] == pytest.approx(loss, rel=1e-12)
        # sums of up to 40 · 33 terms of order one, in another order
        torch.testing.assert_close(found.rows[place], row, rtol=1e-11, atol=1e-14)
    assert np.isnan(found.omega).all()


@pytest.mark.parametrize(("task", "length", "count", "hidden"), SHAPES)
def test_outputs_are_those_of_torchs_attention(task, length, count, hidden):
    found_of, data = ensemble(task, hidden), models.sequences(task, length, count, [0])
    found = engine.outputs(found_of, data.inputs[0], data.when[0])
    for place in range(3):
        one = found_of.take([place])
        states = textbook(one, data.inputs[0]).detach()
        chosen = states[torch.arange(count)[:, None], torch.from_numpy(data.when[0])]
        expected = chosen @ one.weights["V"][0].T + one.weights["v"][0]
        np.testing.assert_allclose(found[place], expected.numpy(), rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_a_model_has_the_same_digits_in_any_company(dtype):
    for task, length, count, hidden in SHAPES:
        together, data = ensemble(task, hidden, 4, dtype), models.sequences(task, length, count, [0, 1, 2, 3], dtype)
        whole = engine.gradient(together, data)
        values = engine.outputs(together, data.inputs[0], data.when[0])
        for place in (0, 3):
            alone = together.take([place])
            own = engine.gradient(alone, models.sequences(task, length, count, [place], dtype))
            assert torch.equal(own.rows[0], whole.rows[place])
            assert own.loss[0] == whole.loss[place]
            assert np.array_equal(engine.outputs(alone, data.inputs[0], data.when[0])[0], values[place])


def test_what_follows_the_answer_changes_nothing():
    found_of, data = ensemble("temporal_order", 8), models.sequences("temporal_order", 20, 4, [0])
    longer = torch.cat([data.inputs[0], torch.ones(4, 5, 6, dtype=torch.float64)], dim=1)
    before, after = (engine.outputs(found_of, inputs, data.when[0]) for inputs in (data.inputs[0], longer))
    np.testing.assert_allclose(before, after, rtol=1e-12, atol=1e-14)


def test_a_weight_depends_on_the_distance_of_two_steps_alone():
    """(R_t q)·(R_s k) is a function of t - s."""
    query, key = torch.randn(2, 1, 1, 9, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    scores = [
        float((attention.turned(query, torch.tensor([[t]])) * attention.turned(key, torch.tensor([[t - 7]]))).sum())
        for t in (7, 50, 4321)
    ]
    assert scores[1:] == pytest.approx([scores[0]] * 2, abs=1e-9)  # an angle of 4321 has 1e-13 of rounding
    for step in (3, 999):
        back = attention.turned(attention.turned(query, torch.tensor([[step]])), torch.tensor([[step]]), -1)
        torch.testing.assert_close(back, query)


@pytest.mark.parametrize("scale", [1.0, 30.0])
def test_the_input_profile_is_the_derivative_of_the_last_output(scale):
    one = ensemble("temporal_order", 7, 1)
    one.rows *= scale  # at 30 the weights of some steps are 1e-20 and less
    weights = {name: value[0].double() for name, value in one.weights.items()}
    inputs = torch.randn(1, 15, 6, dtype=torch.float64, generator=torch.Generator().manual_seed(2))
    found = attention.input_profile(weights, inputs, 14)
    jacobian = torch.autograd.functional.jacobian(lambda x: textbook(one, x)[0, -1], inputs)[:, 0]
    expected = torch.linalg.vector_norm(jacobian, dim=(0, 2)).log10().flip(0)[1:]
    seen = expected > -250  # below, the textbook's numbers have left the normal ones
    assert bool(seen.any())
    torch.testing.assert_close(found[seen], expected[seen], rtol=0, atol=1e-9)


def test_it_is_trained_like_a_cell_and_learns_what_is_far():
    """Loss, clipping, stopping, examinations and censoring are those of every reader."""
    members = [Member(f"m{number}", number, 0.01, clip_norm=1.0) for number in range(2)]
    start = models.ensemble(ATTENTION, "temporal_order", members, 16, torch.float32)
    plan = Plan(7, "temporal_order", (20, 20), "adam", 20, 600, Examination(100, 250, 500), probes_per_decade=1)
    run = loop.train(start, plan)
    assert [outcome["end"] for outcome in run.outcomes] == ["solved", "solved"]
    assert {row["omega"] != row["omega"] for row in run.history} == {True}
