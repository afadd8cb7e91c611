"""Lag profiles of many models, from their weights and inputs, in memory that does not grow with their number.

The trajectory is run in float64 whatever the precision of the products: in a chaotic network a float32 trajectory is
another trajectory. Models are taken in groups that fit a budget; :func:`estimate_memory` says beforehand what one model
costs, and what all results will take.

    >>> from whylstm import cells
    >>> memory = estimate_memory(cells.load("lstm"), hidden=64, steps=1000, lags=1000)
    >>> memory.products // 2**10, memory.model // 2**20, memory.result // 2**10
    (405, 29, 62)
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from whylstm.cells.base import Cell
from whylstm.gradients.columns import ARTICLE, SPECTRAL, columns
from whylstm.gradients.factors import factors
from whylstm.gradients.lag_profile import lag_profile
from whylstm.gradients.trajectory import Weights, run

BUDGET = 32 * 2**20
"""Bytes for the trajectories and factors of the models that are worked on together."""


@dataclass(frozen=True)
class Memory:
    """Bytes that a profile takes.

    Attributes:
        products: the products of one window and what stands beside them; once, however many models there are.
        model: trajectory and factors of one model; as often as models are taken together.
        result: the norms of one model, over all lags, windows and columns.
    """

    products: int
    model: int
    result: int


def estimate_memory(
    cell: Cell,
    hidden: int,
    steps: int,
    lags: int,
    windows: int = 1,
    hops: int | None = None,
    *,
    article: bool = False,
    spectral: bool = False,
    dtype: torch.dtype = torch.float64,
) -> Memory:
    """Return what :func:`profiles` will hold, in bytes, imports aside. Nothing of size T × S × S is ever among it.

    Args:
        cell: the cell.
        hidden: H.
        steps: T.
        lags: the largest lag.
        windows: N, windows per model.
        hops: as in :func:`whylstm.gradients.lag_profile.lag_profile`.
        article: as there.
        spectral: as there.
        dtype: precision of the products.
    """
    parts, gates, recurrent = len(cell.parts), len(cell.gates), len(cell.recurrent_gates)
    members, size = 1 if hops is None else hops + 2, dtype.itemsize
    products = (members + 2 / 3) * (parts * hidden) ** 2 + (parts + recurrent) * hidden**2
    products += article * 3 * hidden**2 + spectral * 40 * parts * hidden
    # States and drives, each twice while they are stacked; diagonals of at most every pair, and as many temporaries.
    each = 2 * (parts + recurrent + gates) + 2 * (parts * parts + parts * recurrent) + 4 * gates
    names = len(columns(cell.parts, hops)) + article * len(ARTICLE) + spectral * len(SPECTRAL)
    weights = (recurrent + gates) * hidden**2
    return Memory(int(size * products), 8 * (each * steps * hidden + weights), 8 * names * lags * windows)


def profiles(
    cell: Cell,
    weights: Weights,
    inputs: Tensor,
    ends: list[int],
    lags: int,
    hops: int | None = None,
    *,
    article: bool = False,
    spectral: bool = False,
    truncate: float | None = None,
    dtype: torch.dtype = torch.float64,
    budget: int = BUDGET,
) -> Iterator[dict[str, Tensor]]:
    """Yield the lag profiles of B models, group by group, in their order.

    Args:
        cell: the cell.
        weights: of B models, as :mod:`whylstm.gradients.trajectory` says, in float64.
        inputs: one sequence per model, (B, T, D), or (1, T, D) for all, in float64.
        ends: the windows' last steps, counted from 1.
        lags: the largest lag.
        hops: as in :func:`whylstm.gradients.lag_profile.lag_profile`.
        article: as there.
        spectral: as there.
        truncate: as there.
        dtype: precision of the products; the trajectory is run in float64.
        budget: bytes that a group's trajectories and factors may take; a group has at least one model.

    Yields:
        What ``lag_profile`` returns for a group, tensors (lags, models of the group, N); joined along axis 1 they are
        the result for all. Where a run is not finite its norms are NaN.
    """
    models, hidden = weights["W"].shape[0], weights["W"].shape[2]
    memory = estimate_memory(cell, hidden, inputs.shape[1], lags, len(ends))
    group = max(1, budget // memory.model)
    for first in range(0, models, group):
        part = {name: value[first : first + group].double() for name, value in weights.items()}
        count = part["W"].shape[0]
        sequences = (inputs if inputs.shape[0] == 1 else inputs[first : first + group]).double()
        trajectory = run(cell, part, sequences.expand(count, -1, -1)[:, None])
        jacobians = factors(cell, part, trajectory)
        del trajectory
        yield lag_profile(
            jacobians, ends, lags, hops, article=article, spectral=spectral, truncate=truncate, dtype=dtype
        )
