"""The parameter gradient, split by lag: which share of dE/dθ comes from how far back.

    dE/dθ = Σ_k c_k,    c_k = Σ_t (∂e_t/∂s_t) G_{t,k} (∂⁺s_{t-k}/∂θ),    k = 0 ... t-1

∂⁺ is the immediate partial: s_{t-k-1} is held fixed. Lag 0 is included. All t are taken back together, one lag at a
time, as row vectors: nothing of size S × S is formed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from whylstm.cells.base import Cell, Coefficients
from whylstm.gradients.factors import step_coefficients
from whylstm.gradients.trajectory import Trajectory, Weights

Gradient = dict[str, Tensor]


@dataclass(frozen=True)
class Split:
    """What one model on one sequence needs for its split; time comes first, then units."""

    cell: Cell
    coefficients: Coefficients
    matrices: Tensor
    before: Tensor
    inputs: Tensor


def contributions(
    cell: Cell, weights: Weights, trajectory: Trajectory, inputs: Tensor, cotangents: Tensor
) -> Iterator[Gradient]:
    """Yield c_0, c_1, ... c_{T-1}, the contributions of each lag to the gradient of U, W, b (and c), for one model.

    Args:
        cell: the cell.
        weights: of one model (B = 1).
        trajectory: its run over one sequence (N = 1).
        inputs: that sequence, (1, 1, T, D).
        cotangents: ∂e_t/∂h_t, (T, H), where E = Σ_t e_t.
    """
    split = _split(cell, weights, trajectory, inputs)
    zero = torch.zeros_like(cotangents)
    rows = {part: cotangents if part == cell.parts[0] else zero for part in cell.parts}
    for _ in range(cotangents.shape[0]):
        yield _immediate(split, rows)
        rows = _one_step_back(split, rows)


def shares(parts: list[Gradient]) -> Tensor:
    """Return each lag's share of the full gradient, (lags,): its projection on it. Shares sum to 1; norms would not."""
    vectors = torch.stack([flat(part) for part in parts])
    total = vectors.sum(0)
    return vectors @ total / total.square().sum()


def flat(gradient: Gradient) -> Tensor:
    """Return a gradient as one vector, tensors in the order of their names."""
    return torch.cat([gradient[name].reshape(-1) for name in sorted(gradient)])


def _split(cell: Cell, weights: Weights, trajectory: Trajectory, inputs: Tensor) -> Split:
    like = trajectory.after[cell.parts[0]]
    found = step_coefficients(cell, trajectory)
    one = [
        {key: block.expand_as(like)[:, 0, 0] for key, block in blocks.items()}
        for blocks in (found.carry, found.mix, found.driven)
    ]
    return Split(cell, Coefficients(*one), weights["U"][0], trajectory.before[cell.parts[0]][:, 0, 0], inputs[0, 0])


def _one_step_back(split: Split, rows: Gradient) -> Gradient:
    """Return v_{t,k+1} = v_{t,k} J_{t-k}; the first row, which has reached the start, drops out."""
    steps = next(iter(rows.values())).shape[0]
    drives = _through(rows, split.coefficients.mix, steps)
    back = {part: torch.zeros_like(value) for part, value in rows.items()}
    for (new, old), diagonal in split.coefficients.carry.items():
        back[old] = back[old] + rows[new] * diagonal[:steps]
    for index, gate in enumerate(split.cell.recurrent_gates):
        if gate in drives:
            back[split.cell.parts[0]] = back[split.cell.parts[0]] + drives[gate] @ split.matrices[index]
    return {part: value[1:] for part, value in back.items()}


def _immediate(split: Split, rows: Gradient) -> Gradient:
    """Return Σ_t v_{t,k} ∂⁺s_{t-k}/∂θ; row i of ``rows`` is at step i + 1 = t - k."""
    cell, steps = split.cell, next(iter(rows.values())).shape[0]
    drives = _through(rows, split.coefficients.driven, steps)
    driven = torch.stack([drives[gate] for gate in cell.gates])
    out = {"W": driven.transpose(1, 2) @ split.inputs[:steps], "b": driven.sum(1)}
    if cell.recurrent_gates:
        hops = _through(rows, split.coefficients.mix, steps)
        kicked = torch.stack([hops[gate] for gate in cell.recurrent_gates])
        out["U"] = kicked.transpose(1, 2) @ split.before[:steps]
        if cell.recurrent_bias:
            out["c"] = kicked.sum(1)
    return out


def _through(rows: Gradient, blocks: dict[tuple[str, str], Tensor], steps: int) -> Gradient:
    """Return δ_g = Σ_p v_p D(block[p, g]) for every gate, (steps, H)."""
    out: Gradient = {}
    for (part, gate), diagonal in blocks.items():
        out[gate] = out.get(gate, 0) + rows[part] * diagonal[:steps]
    return out
