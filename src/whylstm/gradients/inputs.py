"""How an output depends on an input some steps before: ∂h_t/∂x_{t-k}, from the one-step Jacobians.

Norms of the state's Jacobian depend on the coordinates of the state; this one does not, so that cells can be compared
with each other by it, and with what has no state at all.

    ∂h_t/∂x_{t-k} = (∂h_t/∂s_{t-k}) (∂s_{t-k}/∂x_{t-k}),     ∂s_p/∂x = Σ_g D(drive[p, g]) W_g

The rows ∂h_t/∂s_{t-k} are carried back step by step, with a running power of two beside them.
"""

from __future__ import annotations

import torch
from torch import Tensor

from whylstm.cells.base import Cell, Coefficients
from whylstm.gradients.factors import Factors, step_coefficients
from whylstm.gradients.scaled import Scaled
from whylstm.gradients.trajectory import Trajectory, Weights


def input_profile(cell: Cell, weights: Weights, run: Trajectory, found: Factors, end: int, lags: int) -> Tensor:
    """Return log₁₀ ‖∂h_t/∂x_{t-k}‖_F for t = ``end`` (steps count from 1) and k = 1 ... ``lags``, (lags, B) float64.

    Args:
        cell: the cell.
        weights: of B models.
        run: their run.
        found: the one-step Jacobians along the first sequence of each model.
        end: the last step t, more than ``lags``.
        lags: the largest lag.
    """
    coefficients = step_coefficients(cell, run)
    size, hidden = found.hidden * len(found.parts), found.hidden
    columns = Scaled.of(torch.eye(size, dtype=weights["W"].dtype)[None, :, :hidden])  # (∂h_t/∂s)ᵀ
    norms = []
    for lag in range(lags + 1):
        step = end - 1 - lag
        entry = _entry(cell, coefficients, weights["W"], step, run.after[cell.parts[0]])
        norms.append(Scaled(columns.mantissa.mT @ entry, columns.exponent).log10_norm())
        columns = Scaled(transposed(found, step, columns.mantissa), columns.exponent).rescaled()
    return torch.stack(norms)[1:]


def transposed(found: Factors, step: int, columns: Tensor) -> Tensor:
    """Return J_tᵀ V for V (B, S, n), without forming J_t."""
    parts = dict(zip(found.parts, columns.unflatten(1, (len(found.parts), -1)).unbind(1), strict=True))
    out = {part: torch.zeros_like(parts[part]) for part in found.parts}
    for (new, old), diagonal in found.carry.items():
        out[old] = out[old] + diagonal[step, :, :, None] * parts[new]
    kicks = {gate: torch.zeros_like(parts[found.parts[0]]) for gate in found.gates}
    for (new, gate), diagonal in found.mix.items():
        kicks[gate] = kicks[gate] + diagonal[step, :, :, None] * parts[new]
    for index, gate in enumerate(found.gates):
        out[found.parts[0]] = out[found.parts[0]] + found.matrices[:, index].mT @ kicks[gate]
    return torch.cat([out[part] for part in found.parts], 1)


def _entry(cell: Cell, coefficients: Coefficients, weights: Tensor, step: int, like: Tensor) -> Tensor:
    """Return how the state depends on the input of its step, (B, S, D), parts one below the other."""
    total = {part: torch.zeros_like(weights[:, 0]) for part in cell.parts}
    for (new, gate), diagonal in coefficients.driven.items():
        slope = diagonal.expand_as(like)[step, :, 0]
        total[new] = total[new] + slope[:, :, None] * weights[:, cell.gates.index(gate)]
    return torch.cat([total[part] for part in cell.parts], 1)
