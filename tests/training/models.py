"""Small ensembles for the tests, and the plain autograd route that the written-out one is held against."""

from __future__ import annotations

import numpy as np
import torch

from whylstm import cells, initialisations, tasks
from whylstm.cells.base import Cell
from whylstm.gradients.trajectory import own_parameters, zero_state
from whylstm.streams import stream
from whylstm.tasks.base import Batch
from whylstm.training import readout
from whylstm.training.ensemble import Ensemble, Member
from whylstm.training.sequences import Sequences

FIELDS = {"gain": 1.3, "forget_bias": 1.0, "input_scale": 1.0, "t_max": 20.0}


def ensemble(cell: Cell | str, task: str, members: list[Member], hidden: int, dtype=torch.float64) -> Ensemble:
    """Models whose weights depend on the replicate alone."""
    cell = cells.load(cell) if isinstance(cell, str) else cell
    features, outputs = tasks.load(task).features, tasks.load(task).outputs
    models = []
    for member in members:
        start = initialisations.weights(
            cell.initialisation or "gaussian", cell, hidden, features, 5, member.replicate, **FIELDS
        )
        rng = stream(5, "test biases", replicate=member.replicate)
        # zero biases and extras would hide mistakes in their gradients
        start |= {name: start[name] + 0.3 * rng.standard_normal(start[name].shape) for name in ("b", *cell.extras)}
        if cell.recurrent_bias:
            start["c"] = 0.3 * rng.standard_normal(start["c"].shape)
        models.append(start | readout.initial(hidden, outputs, 5, member.replicate))
    return Ensemble.of(cell, models, members, dtype)


def members(count: int, **fields) -> list[Member]:
    return [Member(f"m{number}", replicate=number, rate=0.01, **fields) for number in range(count)]


def sequences(task: str, length: int, count: int, replicates: list[int], dtype=torch.float64) -> Sequences:
    """One batch for each replicate, read by the model at the same place."""
    batches = [tasks.load(task).draw(stream(3, "test", replicate=number), count, length) for number in replicates]
    return Sequences.of(batches, list(range(len(batches))), dtype)


def autograd_loss(cell: Cell, weights: dict[str, torch.Tensor], batch: Batch, keep=None) -> torch.Tensor:
    """One model's loss by the textbook: a loop over steps, states (1, N, H), torch's losses; weights (1, ...) as views.

    The cell is run through ``update`` alone, with drives written out by ``einsum``. Where ``keep`` (T,) is 0, the step
    reads a detached h through its recurrent matrices.
    """
    dtype = weights["W"].dtype
    inputs = torch.tensor(batch.inputs, dtype=dtype)[None]
    state, own, outputs = zero_state(cell, weights, inputs.shape[1]), own_parameters(cell, weights), []
    for step in range(inputs.shape[2]):
        a = torch.einsum("bghd,bnd->gbnh", weights["W"], inputs[:, :, step]) + weights["b"].transpose(0, 1)[:, :, None]
        h = state[cell.parts[0]]
        h = h if keep is None or keep[step] else h.detach()
        r = torch.einsum("brij,bnj->rbni", weights["U"], h)
        r = r + weights["c"].transpose(0, 1)[:, :, None] if cell.recurrent_bias else r
        state = cell.update(
            state, dict(zip(cell.recurrent_gates, r, strict=True)), dict(zip(cell.gates, a, strict=True)), own
        )
        outputs.append(state[cell.parts[0]][0] @ weights["V"][0].T + weights["v"][0])
    where = torch.from_numpy(np.broadcast_to(batch.where, batch.inputs.shape[:2]).copy())
    chosen = torch.stack(outputs, dim=1)[where]
    if batch.targets.dtype == np.int64:
        return torch.nn.functional.cross_entropy(chosen, torch.from_numpy(batch.targets).flatten())
    return torch.nn.functional.mse_loss(chosen, torch.tensor(batch.targets, dtype=dtype).flatten(0, 1))


def autograd_gradient(models: Ensemble, place: int, batch: Batch, keep=None) -> tuple[float, torch.Tensor]:
    """Loss and gradient row of one model of the ensemble by reverse-mode differentiation."""
    one = models.take([place])
    one.rows.requires_grad_()
    loss = autograd_loss(one.cell, one.weights, batch, keep)
    (row,) = torch.autograd.grad(loss, [one.rows])
    return float(loss.detach()), row[0]
