"""Signal-to-noise ratio of the parameter gradient by lag: how much of a step's contribution is the same everywhere.

For one network and N sequences, c_{n,k} is the contribution of lag k to the gradient of sequence n's error at its last
step (see :mod:`whylstm.gradients.parameters`). With E and Var over sequences, summed over parameters,

    ratio_k = ‖E c_k‖² / Var c_k,

so that a batch of 1/ratio sequences holds as much signal as noise. The squared norm of the mean of N sequences exceeds
‖E c_k‖² by Var/N on average, which is subtracted: the estimate of it is unbiased, and may be negative.
"""

from __future__ import annotations

import torch
from torch import Tensor

from whylstm.cells.base import Cell
from whylstm.gradients.factors import Blocks, step_coefficients
from whylstm.gradients.trajectory import Trajectory, Weights

Pair = tuple[Tensor, Tensor]
"""Contributions Σ left ⊗ right by lag and sequence: (T, N, rows) and (T, N, columns)."""


def signal_to_noise(
    cell: Cell, weights: Weights, trajectory: Trajectory, inputs: Tensor, cotangents: Tensor
) -> tuple[Tensor, Tensor]:
    """Return the ratio of every lag 0 ... T-1, (T,), and that of the whole gradient, the sum over lags.

    Args:
        cell: the cell.
        weights: of one model (B = 1).
        trajectory: its run over N sequences.
        inputs: those sequences, (1, N, T, D).
        cotangents: ∂e/∂h at the last step, (N, H).
    """
    pairs, count = _pairs(cell, weights, trajectory, inputs, cotangents), len(cotangents)
    means = [torch.einsum("tng,tnd->tgd", *pair) / count for pair in pairs]
    squares = [left.square().sum(2) * right.square().sum(2) for left, right in pairs]
    by_lag = _ratio(_energy(means), torch.stack(squares).sum(0).mean(1), count)
    wholes = [torch.einsum("tng,tnd->ngd", *pair) for pair in pairs]
    whole = _ratio(_energy([one.mean(0, keepdim=True) for one in wholes]), _energy(wholes).mean(), count)
    return by_lag, whole[0]


def _energy(tensors: list[Tensor]) -> Tensor:
    """Return Σ of squares of all but the first axis, over tensors."""
    return torch.stack([one.square().flatten(1).sum(1) for one in tensors]).sum(0)


def _ratio(mean: Tensor, square: Tensor, count: int) -> Tensor:
    """Return ‖E‖²/Var from the squared norm of the mean of ``count`` sequences and the mean squared norm."""
    variance = (square - mean) * count / (count - 1)
    return (mean - variance / count) / variance


def _pairs(cell: Cell, weights: Weights, trajectory: Trajectory, inputs: Tensor, cotangents: Tensor) -> list[Pair]:
    """Return the contributions to W and b, and to U (and c), from lag 0 on."""
    found, like = step_coefficients(cell, trajectory), trajectory.after[cell.parts[0]]
    carry, mix, driven = (
        {key: block.expand_as(like)[:, 0] for key, block in blocks.items()}
        for blocks in (found.carry, found.mix, found.driven)
    )
    rows = {part: cotangents if part == cell.parts[0] else torch.zeros_like(cotangents) for part in cell.parts}
    drives, kicks = [], []
    for time in range(like.shape[0] - 1, -1, -1):
        drives.append(_through(rows, driven, cell.gates, time))
        kicks.append(_through(rows, mix, cell.recurrent_gates, time))
        rows = _one_step_back(cell, rows, carry, kicks[-1], weights["U"][0], time)
    shown, before = inputs[0].transpose(0, 1).flip(0), trajectory.before[cell.parts[0]][:, 0].flip(0)
    one = torch.ones_like(shown[..., :1])
    pairs = [(_flat(drives), torch.cat([shown, one], 2))]
    if cell.recurrent_gates:
        pairs.append((_flat(kicks), torch.cat([before, one], 2) if cell.recurrent_bias else before))
    return pairs


def _through(rows: dict[str, Tensor], blocks: Blocks, gates: tuple[str, ...], time: int) -> list[Tensor]:
    """Return δ_g = Σ_p v_p D(block[p, g]) for every gate, (N, H)."""
    zero = torch.zeros_like(next(iter(rows.values())))
    return [sum((rows[p] * value[time] for (p, g), value in blocks.items() if g == gate), zero) for gate in gates]


def _one_step_back(
    cell: Cell, rows: dict[str, Tensor], carry: Blocks, kicks: list[Tensor], matrices: Tensor, time: int
) -> dict[str, Tensor]:
    """Return v J for the rows of all sequences."""
    back = {part: torch.zeros_like(value) for part, value in rows.items()}
    for (new, old), diagonal in carry.items():
        back[old] = back[old] + rows[new] * diagonal[time]
    for kick, matrix in zip(kicks, matrices, strict=True):
        back[cell.parts[0]] = back[cell.parts[0]] + kick @ matrix
    return back


def _flat(steps: list[list[Tensor]]) -> Tensor:
    """Return the drives of all steps and gates, (T, N, gates · H)."""
    return torch.stack([torch.cat(step, 1) for step in steps])
