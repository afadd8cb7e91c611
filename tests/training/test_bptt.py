"""The gradient through time: equal to automatic differentiation for every cell, and the same in any company."""

import numpy as np
import pytest
import torch

from tests.training import models
from whylstm import cells, tasks
from whylstm.cells.base import Cell
from whylstm.streams import stream
from whylstm.training.bptt import gradient

TASKS = ("temporal_order", "adding", "copy")  # classes at the end, a value at the end, classes at every step


class Plain(Cell):
    """A cell that writes no coefficients, treats r and a differently and has a parameter of its own."""

    parts = ("h", "c")
    gates = ("f", "g")
    recurrent_bias = True
    extras = {"p": 0.5}  # noqa: RUF012
    options = {"alpha": 0.7}  # noqa: RUF012

    def update(self, s, r, a, w):
        f = (r["f"] + a["f"] + w["p"] * s["c"]).sigmoid()
        c = f * s["c"] + (a["g"] + w["alpha"] * a["f"].sigmoid() * r["g"]).tanh()
        return {"h": c.tanh() - w["p"] * s["h"], "c": c}


CELLS = [*(cells.load(name) for name in cells.names()), Plain()]


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("cell", CELLS, ids=lambda cell: type(cell).__name__)
def test_the_gradient_is_that_of_automatic_differentiation(cell, task):
    replicates = [0, 1, 2]
    ensemble = models.ensemble(cell, task, models.members(3), hidden=7)
    sequences = models.sequences(task, 12, 5, replicates)
    found = gradient(ensemble, sequences)
    for place in replicates:
        batch = tasks.load(task).draw(stream(3, "test", replicate=place), 5, 12)
        loss, row = models.autograd_gradient(ensemble, place, batch)
        # two orders of summation over at most 32 steps, 5 sequences, 7 units: some hundred roundings of 1e-16
        np.testing.assert_allclose(found.loss[place], loss, rtol=1e-12)
        np.testing.assert_allclose(found.rows[place], row, rtol=1e-9, atol=1e-13 * float(row.abs().max()))


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize(("hidden", "count"), [(7, 5), (16, 4), (50, 3), (3, 1)])
@pytest.mark.parametrize("cell", CELLS, ids=lambda cell: type(cell).__name__)
def test_a_model_has_the_same_digits_in_any_company(cell, hidden, count, dtype):
    settings = models.members(5, omega=0.5)
    whole = models.ensemble(cell, "temporal_order", settings, hidden, dtype)
    together = gradient(whole, models.sequences("temporal_order", 10, count, [0, 1, 2, 3, 4], dtype))
    for places in ([0], [4], [1, 3], [3, 2, 1]):
        part = gradient(whole.take(places), models.sequences("temporal_order", 10, count, places, dtype))
        assert torch.equal(part.rows, together.rows[places])
        np.testing.assert_array_equal(part.loss, together.loss[places])
        np.testing.assert_array_equal(part.omega, together.omega[places])
