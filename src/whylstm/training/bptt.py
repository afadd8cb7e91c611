"""Loss and gradient of every model: backpropagation through time, written out once for all cells.

The plain way, for any cell and any device that numpy reaches; :mod:`whylstm.training.compiled` has faster kernels for
some cells, which are held against this one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from whylstm.cells.base import Coefficients
from whylstm.gradients.factors import step_coefficients
from whylstm.gradients.trajectory import Trajectory
from whylstm.training import omega as regulariser
from whylstm.training import readout
from whylstm.training.backward import Costates, backward, weighted
from whylstm.training.ensemble import Ensemble
from whylstm.training.forward import forward, padded
from whylstm.training.omega import by_model
from whylstm.training.products import product
from whylstm.training.sequences import Sequences


@dataclass(frozen=True)
class Gradient:
    """What one batch says about every model.

    Attributes:
        loss: (B,) float64: nats per answer, or mean squared error; Ω is not in it.
        rows: (B, P), ∂loss/∂row plus each member's weight times ∂⁺Ω/∂U.
        omega: (B,) float64, Ω; NaN for members that do without.
    """

    loss: np.ndarray
    rows: Tensor
    omega: np.ndarray


def gradient(ensemble: Ensemble, sequences: Sequences, keep: np.ndarray | None = None) -> Gradient:
    """Return loss and gradient of every model.

    Args:
        ensemble: the models.
        sequences: what they read.
        keep: (T, B), 0 where a step's h-edges are cut in the backward pass (:mod:`whylstm.training.backward`); None
            keeps all.
    """
    cell, weights = ensemble.cell, ensemble.weights
    inputs = padded(sequences.read(), ensemble.hidden)
    trajectory = forward(cell, weights, inputs)
    coefficients = step_coefficients(cell, trajectory)
    states = readout.answers(trajectory.after[cell.parts[0]], sequences)
    losses, slope = readout.loss(readout.outputs(weights, states), sequences)
    injected = readout.injected(product(slope, weights["V"].contiguous()), sequences, inputs.shape[1])
    kept = torch.ones(sequences.steps, ensemble.size) if keep is None else torch.from_numpy(keep)
    costates = backward(cell, coefficients, weights["U"], injected, kept.to(ensemble.rows.dtype), steps=sequences.steps)
    rows = torch.zeros_like(ensemble.rows)
    views = ensemble.layout.views(rows)
    _readout_gradient(views, slope, states)
    _recurrent_gradient(views, ensemble, trajectory, costates)
    _input_gradient(views, ensemble, coefficients, costates, inputs)
    _own_gradient(views, ensemble, trajectory, costates)
    return Gradient(losses, rows, _add_omega(views, ensemble, costates, sequences.count))


def _readout_gradient(views: dict[str, Tensor], slope: Tensor, states: Tensor) -> None:
    views["V"].copy_(product(slope.transpose(1, 2), states))
    views["v"].copy_(_sum_rows(slope))


def _recurrent_gradient(
    views: dict[str, Tensor], ensemble: Ensemble, trajectory: Trajectory, costates: Costates
) -> None:
    """Write dU_g = Σ_t δ_g(t) h_{t-1}ᵀ and dc_g = Σ_t δ_g(t)."""
    if "U" in views:
        rows, before = by_model(costates.recurrent), by_model(trajectory.before[ensemble.cell.parts[0]])
        views["U"].copy_(product(rows.transpose(1, 2), before).unflatten(1, views["U"].shape[1:3]))
        if "c" in views:
            views["c"].copy_(_sum_rows(rows).unflatten(1, views["c"].shape[1:]))


def _input_gradient(
    views: dict[str, Tensor], ensemble: Ensemble, coefficients: Coefficients, costates: Costates, inputs: Tensor
) -> None:
    """Write dW_g = Σ_t ∂E/∂a_g(t) x_tᵀ and db_g = Σ_t ∂E/∂a_g(t)."""
    delta = weighted(coefficients.driven, costates.after, ensemble.cell.gates)
    rows = by_model(torch.stack(delta, dim=-2).flatten(-2))
    columns = inputs.transpose(1, 2).flatten(1, 2)
    views["W"].copy_(product(rows.transpose(1, 2), columns).unflatten(1, views["W"].shape[1:3]))
    views["b"].copy_(_sum_rows(rows).unflatten(1, views["b"].shape[1:]))


def _own_gradient(views: dict[str, Tensor], ensemble: Ensemble, trajectory: Trajectory, costates: Costates) -> None:
    """Write the gradient of the cell's extras: the update is elementwise, so one backward step for all t at once."""
    cell = ensemble.cell
    if not cell.extras:
        return
    like = trajectory.after[cell.parts[0]]
    leaves = {name: trajectory.own[name].expand_as(like).clone().requires_grad_() for name in cell.extras}
    with torch.enable_grad():
        state = cell.update(trajectory.before, trajectory.recurrent, trajectory.inputs, trajectory.own | leaves)
        found = torch.autograd.grad(list(state.values()), list(leaves.values()), [costates.after[p] for p in state])
    for name, value in zip(leaves, found, strict=True):
        views[name].copy_(_sum_rows(by_model(value)))


def _add_omega(views: dict[str, Tensor], ensemble: Ensemble, costates: Costates, count: int) -> np.ndarray:
    """Add each member's weight times ∂⁺Ω/∂U; return Ω, NaN for members without."""
    weight = ensemble.setting("omega")
    value = np.full(ensemble.size, np.nan)
    chosen = np.flatnonzero(weight)
    if "U" in views and len(chosen):
        value[chosen], slope = regulariser.omega(costates.of(chosen, count), ensemble.cell.parts[0])
        factor = torch.from_numpy(weight[chosen]).to(slope.dtype)[:, None, None]
        views["U"][chosen] += (factor * slope).unflatten(1, views["U"].shape[1:3])
    return value


def _sum_rows(rows: Tensor) -> Tensor:
    """Return Σ over the middle axis of (B, M, X), (B, X), as a product with ones: one order of summation per model."""
    return product(rows.new_ones(1, rows.shape[1]), rows)[:, 0]
