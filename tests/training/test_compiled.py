"""The compiled passes: the same loss, gradient, Ω and outputs as the plain ones, and the same digits in any company."""

import importlib

import numpy as np
import pytest
import torch
from numba.core.dispatcher import Dispatcher

from tests.training import models
from whylstm import cells
from whylstm.streams import stream
from whylstm.training import arithmetic, bptt, compiled, compiled_cells, dispatch, engine, kernels, loop, losses, tile
from whylstm.training.compiled_cells import _loops, _memory
from whylstm.training.sequences import answer_steps
from whylstm.training.supply import Supply

CELLS = compiled_cells.names()
SHAPES = [("temporal_order", 12, 5, 7), ("adding", 40, 33, 16), ("copy", 5, 4, 50), ("digits", 9, 1, 3)]
"""Task, length, sequences, hidden units: padded or not, several steps added up at once or not, answers at each step."""

ARMS = {"plain": {}, "omega": {"omega": 0.7}, "cut": {"detach": 0.5}}
TOLERANCE = {torch.float64: 1e-12, torch.float32: 2e-4}
"""Of the largest number of a row: two orders of summation of up to 40 · 33 terms, and 40 steps of rounding."""


@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize("arm", ARMS)
@pytest.mark.parametrize("name", CELLS)
def test_it_is_the_plain_gradient(name, arm, dtype):
    for task, length, count, hidden in SHAPES:
        ensemble = models.ensemble(name, task, models.members(3, **ARMS[arm]), hidden, dtype)
        sequences = models.sequences(task, length, count, [0, 1, 2], dtype)
        keep = None if arm != "cut" else (stream(1, "cut").random((sequences.steps, 3)) > 0.4).astype(float)
        found, plain = compiled.gradient(ensemble, sequences, keep), bptt.gradient(ensemble, sequences, keep)
        size = plain.rows.abs().amax(dim=1, keepdim=True)
        assert float(((found.rows - plain.rows) / size).abs().max()) < TOLERANCE[dtype]
        np.testing.assert_allclose(found.loss, plain.loss, rtol=TOLERANCE[dtype])
        np.testing.assert_allclose(found.omega, plain.omega, rtol=TOLERANCE[dtype], atol=TOLERANCE[dtype])


@pytest.mark.parametrize("name", CELLS)
def test_a_model_has_the_same_digits_in_any_company(name):
    for task, length, count, hidden in SHAPES:
        whole = models.ensemble(name, task, models.members(5, omega=0.5), hidden, torch.float32)
        together = compiled.gradient(whole, models.sequences(task, length, count, [0, 1, 2, 3, 4], torch.float32))
        for places in ([0], [4], [3, 1]):
            part = compiled.gradient(whole.take(places), models.sequences(task, length, count, places, torch.float32))
            assert torch.equal(part.rows, together.rows[places])
            np.testing.assert_array_equal(part.loss, together.loss[places])
            np.testing.assert_array_equal(part.omega, together.omega[places])


@pytest.mark.parametrize("name", CELLS)
def test_outputs_are_those_of_the_plain_pass(name):
    for task, length, count, hidden in SHAPES:
        ensemble = models.ensemble(name, task, models.members(2), hidden)
        sequences = models.sequences(task, length, count, [0])
        found = compiled.outputs(ensemble, sequences.inputs[0], sequences.when[0])
        for place in range(2):
            plain = engine.plain_outputs(ensemble.take([place]), sequences.inputs[0], sequences.when[0])
            np.testing.assert_allclose(found[place], plain, rtol=1e-10, atol=1e-12)  # at most 40 steps of rounding


def test_answers_that_are_due_at_other_steps_in_every_sequence():
    """Answers scattered over steps, as where sequences differ in length: against automatic differentiation."""
    members = models.members(1)
    ensemble = models.ensemble("lstm", "temporal_order", members, 6)
    rng = stream(2, "scattered")
    supply = Supply(1, _Scattered(), (9, 9), 5, torch.float64)
    sequences = supply.at(1, tuple(members))
    batch = _Scattered().draw(rng, 5, 9)
    sequences = type(sequences).of([batch], [0], torch.float64)
    assert len(set(map(tuple, answer_steps(batch)))) > 1
    loss, row = models.autograd_gradient(ensemble, 0, batch)
    for found in (compiled.gradient(ensemble, sequences), bptt.gradient(ensemble, sequences)):
        np.testing.assert_allclose(found.loss, loss, rtol=1e-12)
        np.testing.assert_allclose(found.rows[0], row, rtol=1e-9, atol=1e-13 * float(row.abs().max()))


class _Scattered:
    """Two answers a sequence, at random steps."""

    name, features, outputs = "scattered", 6, 4

    def steps(self, length):
        return length

    def draw(self, rng, count, length):
        from whylstm.tasks.base import Batch

        where = np.zeros((count, length), bool)
        for row in where:
            row[rng.choice(length, 2, replace=False)] = True
        return Batch(rng.standard_normal((count, length, 6)), rng.integers(0, 4, (count, 2)), where)


def test_a_weight_that_is_not_a_number_is_not_hidden():
    """Squashing functions must not turn NaN into a number, or a model that diverged would look sound."""
    for name in CELLS:
        if cells.load(name).diagonal:
            continue
        ensemble = models.ensemble(name, "temporal_order", models.members(2), 6, torch.float32)
        ensemble.weights["U"][1, 0, 2, 3] = torch.nan
        with loop.one_thread():
            found = engine.gradient(ensemble, models.sequences("temporal_order", 10, 4, [0, 1], torch.float32))
        assert np.isnan(found.loss[1]), name
        assert np.isfinite(found.loss[0])
        assert torch.isfinite(found.rows[0]).all()


def test_a_gradient_that_vanishes_becomes_zero_and_no_more_than_that_changes():
    """Far back, λ leaves the normal numbers of float32: it is zero there, and afterwards small numbers exist again."""
    ensemble = models.ensemble("tanh", "digits", models.members(1), 6, torch.float32)
    ensemble.weights["U"][:] *= 1e-3
    data = models.sequences("digits", 64, 3, [0], torch.float32)
    kept, flushed = compiled.gradient(ensemble, data), engine.gradient(ensemble, data)
    np.testing.assert_allclose(flushed.rows, kept.rows, rtol=0, atol=64 * 1.2e-38)
    assert np.float32(1e-40) * np.float32(0.5) > 0


def test_no_kernel_may_take_a_sum_in_another_order_than_it_is_written():
    """With a licence to reassociate, the order would be the compiler's, and so a result's last digit."""
    cells = [importlib.import_module(f"{compiled_cells.FAMILY}.{name}") for name in CELLS]
    modules = (arithmetic, dispatch, kernels, losses, tile, _loops, _memory, *cells)
    found = [part for module in modules for part in vars(module).values() if isinstance(part, Dispatcher)]
    assert len(found) > 40
    assert {flag for part in found for flag in part.targetoptions.get("fastmath") or ()} == {"contract", "nsz"}
