"""The forward pass: one matrix product per step and model, and the cell's elementwise update for all models at once.

Every tensor is contiguous with its step first, and the number of sequences is padded so that each model's numbers fill
whole blocks: then a model's digits are the same in any company (:mod:`whylstm.training.parameters` says why).
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import torch
from torch import Tensor

from whylstm.cells.base import Cell
from whylstm.gradients.trajectory import Trajectory, Weights, own_parameters, zero_state
from whylstm.training.parameters import BLOCK
from whylstm.training.products import product


def padded(inputs: Tensor, hidden: int) -> Tensor:
    """Return inputs (B, N', T, D) with sequences of zeros appended, so that N'·H is a multiple of ``BLOCK``."""
    models, count, *rest = inputs.shape
    extra = -count % (BLOCK // math.gcd(BLOCK, hidden))
    return torch.cat([inputs, inputs.new_zeros(models, extra, *rest)], dim=1) if extra else inputs


def forward(cell: Cell, weights: Weights, inputs: Tensor) -> Trajectory:
    """Run B models over their sequences from the zero state.

    Args:
        cell: the cell.
        weights: as in :mod:`whylstm.gradients.trajectory`.
        inputs: (B, N, T, D), padded.
    """
    drives, own = _input_drives(cell, weights, inputs), own_parameters(cell, weights)
    kicks, states = zip(*_steps(cell, weights, drives, own), strict=True)
    start = zero_state(cell, weights, inputs.shape[1])
    return Trajectory(
        states={part: torch.stack([s[part] for s in (start, *states)]) for part in cell.parts},
        recurrent={name: torch.stack([r[name] for r in kicks]) for name in cell.recurrent_gates},
        inputs=drives,
        own=own,
    )


def outputs(cell: Cell, weights: Weights, inputs: Tensor, steps: list[int]) -> Tensor:
    """Return h after some of the steps (from 0, ascending), (S, B, N, H), and keep nothing else; inputs padded."""
    drives, own = _input_drives(cell, weights, inputs), own_parameters(cell, weights)
    run = enumerate(_steps(cell, weights, drives, own))
    return torch.stack([state[cell.parts[0]] for step, (_, state) in run if step in steps])


def _steps(
    cell: Cell, weights: Weights, drives: dict[str, Tensor], own: dict[str, Tensor]
) -> Iterator[tuple[dict[str, Tensor], dict[str, Tensor]]]:
    """Yield the recurrent drives and the new state of each step."""
    steps, _, count, _ = next(iter(drives.values())).shape
    state, matrices = zero_state(cell, weights, count), _for_row_vectors(weights["U"])
    for step in range(steps):
        kick = _recurrent_drives(cell, weights, matrices, state)
        state = cell.update(state, kick, {name: drive[step] for name, drive in drives.items()}, own)
        yield kick, state


def _for_row_vectors(matrices: Tensor) -> Tensor:
    """Return U transposed, gate by gate: (B, R, H, H) to (R, B, H, H)."""
    return matrices.permute(1, 0, 3, 2).contiguous()


def _input_drives(cell: Cell, weights: Weights, inputs: Tensor) -> dict[str, Tensor]:
    """Return a_g = W_g x_t + b_g for all steps, each (T, B, N, H) and contiguous."""
    models, count, steps, features = inputs.shape
    columns = inputs.transpose(1, 2).reshape(models, steps * count, features)
    drives = product(columns, weights["W"].permute(1, 0, 3, 2).contiguous())  # (G, B, T·N, H)
    drives += weights["b"].transpose(0, 1)[:, :, None, :]
    drives = drives.unflatten(2, (steps, count)).transpose(1, 2).contiguous()
    return dict(zip(cell.gates, drives, strict=True))


def _recurrent_drives(cell: Cell, weights: Weights, matrices: Tensor, state: dict[str, Tensor]) -> dict[str, Tensor]:
    """Return r_g = U_g h + c_g, each (B, N, H) and contiguous."""
    if not cell.recurrent_gates:
        return {}
    kick = product(state[cell.parts[0]], matrices)
    if cell.recurrent_bias:
        kick += weights["c"].transpose(0, 1)[:, :, None, :]
    return dict(zip(cell.recurrent_gates, kick, strict=True))
