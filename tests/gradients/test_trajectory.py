"""Running a cell: shapes, drives, restarts, and models that know nothing of one another."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tests.cases import normal, random_weights
from whylstm import cells
from whylstm.gradients.factors import factors
from whylstm.gradients.trajectory import Trajectory, run

NAMES = st.sampled_from(cells.names())
SMALL = st.integers(1, 4)


def a_run(name: str, models: int, sequences: int, steps: int, features: int, hidden: int) -> tuple[dict, Trajectory]:
    cell = cells.load(name)
    weights = random_weights(cell, hidden, models=models, features=features)
    return weights, run(cell, weights, normal("inputs", (models, sequences, steps, features), 0))


@given(NAMES, SMALL, SMALL, SMALL, SMALL, SMALL)
def test_shapes(name, models, sequences, steps, features, hidden):
    cell = cells.load(name)
    _, path = a_run(name, models, sequences, steps, features, hidden)
    shape = (models, sequences, hidden)
    assert {part: value.shape for part, value in path.states.items()} == dict.fromkeys(cell.parts, (steps + 1, *shape))
    assert {gate: value.shape for gate, value in path.inputs.items()} == dict.fromkeys(cell.gates, (steps, *shape))
    assert [*path.recurrent] == [*cell.recurrent_gates]
    assert all(value.shape == (steps, *shape) for value in path.recurrent.values())
    assert all(value.shape == (steps, *shape) for value in (*path.before.values(), *path.after.values()))


@given(NAMES, SMALL, SMALL)
def test_drives_are_what_they_are_said_to_be(name, sequences, features):
    """r = U h + c and a = W x + b, written out for each model; sums of a few terms of order one."""
    cell = cells.load(name)
    weights, path = a_run(name, 2, sequences, 3, features, 3)
    inputs = normal("inputs", (2, sequences, 3, features), 0)
    for model in range(2):
        for index, gate in enumerate(cell.gates):
            expected = inputs[model].transpose(0, 1) @ weights["W"][model, index].T + weights["b"][model, index]
            torch.testing.assert_close(path.inputs[gate][:, model], expected, rtol=1e-13, atol=1e-13)
        for index, gate in enumerate(cell.recurrent_gates):
            expected = path.before["h"][:, model] @ weights["U"][model, index].T
            expected = expected + (weights["c"][model, index] if cell.recurrent_bias else 0)
            torch.testing.assert_close(path.recurrent[gate][:, model], expected, rtol=1e-13, atol=1e-13)


@pytest.mark.parametrize("name", cells.names())
def test_a_run_may_be_taken_up_again(name):
    cell, inputs = cells.load(name), normal("inputs", (2, 3, 9, 2), 0)
    weights = random_weights(cell, 4)
    whole, first = run(cell, weights, inputs), run(cell, weights, inputs[:, :, :4])
    second = run(cell, weights, inputs[:, :, 4:], {part: value[-1] for part, value in first.states.items()})
    for part in cell.parts:
        assert not whole.states[part][0].any()
        # The same steps; only the input drives may be summed in another order, an ulp that 5 steps do not make large.
        torch.testing.assert_close(second.states[part], whole.states[part][4:], rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("name", cells.names())
@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
@pytest.mark.parametrize(("hidden", "features"), [(3, 1), (5, 7), (16, 2), (33, 3), (33, 5)])
def test_a_model_has_the_same_bits_in_every_batch(name, dtype, hidden, features):
    """States and one-step Jacobians, at sizes with and without elements left over from a vector register."""
    cell = cells.load(name)
    weights = {key: value.to(dtype) for key, value in random_weights(cell, hidden, 1.0, 0, 5, features).items()}
    inputs = normal("inputs", (5, 2, 11, features), 0).to(dtype)
    path = run(cell, weights, inputs)
    steps = factors(cell, weights, path, sequence=1)
    for chosen in ([0], [4], [1, 2], [3, 0, 1]):
        part_of = {key: value[chosen] for key, value in weights.items()}
        again = run(cell, part_of, inputs[chosen])
        fewer = factors(cell, part_of, again, sequence=1)
        assert all(torch.equal(again.states[part], path.states[part][:, chosen]) for part in cell.parts)
        for few, many in ((fewer.carry, steps.carry), (fewer.mix, steps.mix)):
            assert all(torch.equal(value, many[block][:, chosen]) for block, value in few.items())
