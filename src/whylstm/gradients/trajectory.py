"""Run a cell over a sequence and keep what its Jacobian needs.

Shapes: B models with weights of their own, N sequences each, T steps, D inputs, H hidden units.

Weights are a plain dict of tensors, so that any optimiser and any file format can hold them:

    U (B, R, H, H)  recurrent matrices, stacked in the order of ``cell.recurrent_gates``; U[b, r] maps h to the drive
    W (B, G, H, D)  input matrices, stacked in the order of ``cell.gates``
    b (B, G, H)     input biases
    c (B, R, H)     recurrent biases, only if ``cell.recurrent_bias``
    and each extra (B, H) and option (B, 1) of the cell, by its own name.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from whylstm.cells.base import Cell

Weights = dict[str, Tensor]


@dataclass(frozen=True)
class Trajectory:
    """States and drives of a run, by name.

    Attributes:
        states: each part of the state, (T+1, B, N, H); entry 0 is the start, entry t the state after step t.
        recurrent: the recurrent drives r_g of each step, (T, B, N, H).
        inputs: the input drives a_g of each step, (T, B, N, H).
        own: the cell's extras and options, (B, 1, H) or (B, 1, 1).
    """

    states: dict[str, Tensor]
    recurrent: dict[str, Tensor]
    inputs: dict[str, Tensor]
    own: dict[str, Tensor]

    @property
    def before(self) -> dict[str, Tensor]:
        """The state that each step starts from, each part (T, B, N, H)."""
        return {part: value[:-1] for part, value in self.states.items()}

    @property
    def after(self) -> dict[str, Tensor]:
        """The state that each step ends in, each part (T, B, N, H)."""
        return {part: value[1:] for part, value in self.states.items()}


def run(cell: Cell, weights: Weights, inputs: Tensor, start: dict[str, Tensor] | None = None) -> Trajectory:
    """Run B models over their sequences.

    Args:
        cell: the cell.
        weights: see the module's docstring.
        inputs: (B, N, T, D), in the dtype of the weights.
        start: the parts of the initial state, each (B, N, H); zero if left out.
    """
    drives = input_drives(cell, weights, inputs)
    own = own_parameters(cell, weights)
    state = start or zero_state(cell, weights, inputs.shape[1])
    states, recurrent = [state], []
    matrices = stacked_recurrent(weights)
    for step in range(inputs.shape[2]):
        kick = recurrent_drives(cell, weights, matrices, state)
        state = cell.update(state, kick, {name: drive[step] for name, drive in drives.items()}, own)
        recurrent.append(kick)
        states.append(state)
    return Trajectory(
        states={part: torch.stack([s[part] for s in states]) for part in cell.parts},
        recurrent={name: torch.stack([r[name] for r in recurrent]) for name in cell.recurrent_gates},
        inputs=drives,
        own=own,
    )


def input_drives(cell: Cell, weights: Weights, inputs: Tensor) -> dict[str, Tensor]:
    """Return a_g = W_g x_t + b_g for all steps at once, each (T, B, N, H); one model at a time, as in by_model."""
    each = zip(weights["W"].split(1), inputs.split(1), strict=True)
    drives = torch.cat([torch.einsum("bghd,bntd->gtbnh", one.clone(), read.clone()) for one, read in each], 2)
    drives = drives + weights["b"].permute(1, 0, 2)[:, None, :, None, :]
    return dict(zip(cell.gates, drives, strict=True))


def own_parameters(cell: Cell, weights: Weights) -> dict[str, Tensor]:
    """Return the cell's extras and options, shaped (B, 1, H) or (B, 1, 1) to broadcast over sequences."""
    return {name: weights[name][:, None, :] for name in (*cell.extras, *cell.options)}


def zero_state(cell: Cell, weights: Weights, sequences: int) -> dict[str, Tensor]:
    """Return the zero state, each part (B, N, H)."""
    models, _, hidden, _ = weights["W"].shape
    return {part: weights["W"].new_zeros(models, sequences, hidden) for part in cell.parts}


def stacked_recurrent(weights: Weights) -> list[Tensor]:
    """Return each model's recurrent matrices side by side, transposed for row vectors: (1, H, R·H)."""
    models, gates, hidden, _ = weights["U"].shape
    side_by_side = weights["U"].reshape(models, gates * hidden, hidden).transpose(1, 2)
    return [one.clone(memory_format=torch.contiguous_format) for one in side_by_side.split(1)]


def recurrent_drives(
    cell: Cell, weights: Weights, matrices: list[Tensor], state: dict[str, Tensor]
) -> dict[str, Tensor]:
    """Return r_g = U_g h + c_g, each (B, N, H)."""
    if not cell.recurrent_gates:
        return {}
    _, gates, hidden, _ = weights["U"].shape
    kick = by_model(state[cell.parts[0]], matrices).unflatten(-1, (gates, hidden))
    if cell.recurrent_bias:
        kick = kick + weights["c"][:, None]
    return dict(zip(cell.recurrent_gates, kick.unbind(-2), strict=True))


def by_model(rows: Tensor, matrices: list[Tensor]) -> Tensor:
    """Return the products of rows (B, N, H) and B matrices (1, H, X), (B, N, X), one model at a time.

    A library chooses its kernel by the number of products and by where they lie in memory, and kernels differ in the
    last digit: taken together, or as parts of one tensor, a model's numbers would depend on which others are beside it.
    """
    if len(matrices) == 1:
        return torch.bmm(rows, matrices[0])
    pairs = zip(rows.split(1), matrices, strict=True)
    return torch.cat([torch.bmm(row.clone(), matrix) for row, matrix in pairs])
