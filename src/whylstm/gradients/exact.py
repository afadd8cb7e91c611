"""The slow, plain reference: dense products and automatic differentiation. Every fast route is held against these."""

from __future__ import annotations

import itertools
from functools import reduce

import torch
from torch import Tensor

from whylstm.cells.base import Cell
from whylstm.gradients.factors import Factors
from whylstm.gradients.trajectory import Weights, run, zero_state


def lag_jacobian(factors: Factors, end: int, lag: int) -> Tensor:
    """Return G_{t,k} = J_t ... J_{t-k+1} as a plain product, (B, S, S), for t = ``end`` (steps count from 1)."""
    steps = range(end - 1, end - 1 - lag, -1)
    return reduce(
        torch.matmul, (factors.dense_carry(t) + factors.dense_recurrent(t) for t in steps), _identity(factors)
    )


def hop_terms(factors: Factors, end: int, lag: int) -> dict[int, Tensor]:
    """Return G^{(r)} for every r = 0 ... k, each (B, S, S), by writing out all 2^k paths. Only for small lags."""
    steps = range(end - 1, end - 1 - lag, -1)
    terms = {r: torch.zeros_like(_identity(factors)) for r in range(lag + 1)}
    for path in itertools.product((0, 1), repeat=lag):
        links = (
            factors.dense_recurrent(t) if hop else factors.dense_carry(t) for t, hop in zip(steps, path, strict=True)
        )
        terms[sum(path)] = terms[sum(path)] + reduce(torch.matmul, links, _identity(factors))
    return terms


def autograd_jacobian(cell: Cell, weights: Weights, inputs: Tensor, end: int, lag: int) -> Tensor:
    """Return ds_t/ds_{t-k} of one model on one sequence, (S, S), by reverse-mode differentiation of the unrolled cell.

    Args:
        cell: the cell.
        weights: of a single model (B = 1).
        inputs: (1, 1, T, D).
        end: t, counted from 1.
        lag: k.
    """
    start = zero_state(cell, weights, sequences=1)
    if end > lag:
        start = {part: value[-1] for part, value in run(cell, weights, inputs[:, :, : end - lag]).states.items()}
    hidden = weights["W"].shape[2]

    def unrolled(flat: Tensor) -> Tensor:
        state = dict(zip(cell.parts, flat.reshape(len(cell.parts), 1, 1, hidden), strict=True))
        states = run(cell, weights, inputs[:, :, end - lag : end], state).states
        return torch.cat([states[part][-1].reshape(-1) for part in cell.parts])

    flat = torch.cat([start[part].reshape(-1) for part in cell.parts])
    return torch.autograd.functional.jacobian(unrolled, flat)


def _identity(factors: Factors) -> Tensor:
    models, size = factors.matrices.shape[0], factors.hidden * len(factors.parts)
    return torch.eye(size, dtype=factors.matrices.dtype).expand(models, size, size)
