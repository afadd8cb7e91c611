"""The probe: what the gradient is like on weights that are being trained.

One sequence and one batch for each replicate, the same at every probe, from streams of their own. In float64, network
by network, so that no number depends on what else is trained beside it:

    lags        the norm of the lag Jacobian that ends at the last step, its carry, its hops, on a grid of lags
    exponent    λ₁ along a longer sequence of the same task, nats per step
    gate        mean of the carry of the memory (for an LSTM the mean forget gate)
    cosine      of the truncated gradient (h-edges cut) with the full one, over all weights but the readout's
"""

from __future__ import annotations

import functools
import math
from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor

from whylstm import tasks
from whylstm.gradients.factors import Factors, factors
from whylstm.gradients.lag_profile import columns_of, lag_profile
from whylstm.gradients.lyapunov import lyapunov
from whylstm.gradients.trajectory import Weights, run
from whylstm.streams import stream
from whylstm.training import engine
from whylstm.training.ensemble import Ensemble
from whylstm.training.history import Row
from whylstm.training.loop import Probe
from whylstm.training.sequences import Sequences

HOPS = 8
LONGEST_PROFILE = 200
"""The largest lag that is probed."""

LONG_RUN = 300
"""Steps along which λ₁ is averaged, at least."""

FRACTIONS = (0.25, 0.5, 0.75, 0.9)
"""Lags that are probed whatever the grid: these shares of the sequence."""


def probe(task_name: str, length: int, count: int, seed: int) -> Probe:
    """Return the probe for one task.

    Args:
        task_name: the task.
        length: the training length, the longest one.
        count: sequences of the batch that truncated and full gradient are compared on.
        seed: the study's seed.
    """

    def measured(update: int, ensemble: Ensemble) -> list[Row]:
        rows = []
        for place in range(ensemble.size):
            rows += list(_network(ensemble.take([place]), task_name, length, count, seed))
        return rows

    return measured


def grid(steps: int) -> list[int]:
    """Return the lags that are kept for T steps, ascending: 1, 2, 3, 5 and on by about a half, and shares of T."""
    largest = min(steps - 1, LONGEST_PROFILE)
    lags = {round(1.5**k) for k in range(40)} | {round(share * steps) for share in FRACTIONS} | {largest}
    return sorted(lag for lag in lags if 1 <= lag <= largest)


def _network(one: Ensemble, task_name: str, length: int, count: int, seed: int) -> Iterator[Row]:
    """Yield the rows of one network: its summary, then one per lag; ``lag`` tells them apart."""
    replicate, name = one.members[0].replicate, {"model": one.members[0].name}
    weights = {name: value.double() for name, value in one.weights.items()}
    lengths = length, max(length, LONG_RUN)
    short, long = (_run(one, weights, _inputs(task_name, size, replicate, seed)) for size in lengths)
    lags = grid(short.steps)
    profile = lag_profile(short, [short.steps], lags[-1], HOPS) if _finite(short) else {}
    summary = _exponent(long) | _gate(short) | _truncation(one, task_name, length, count, seed)
    yield {**name, "lag": 0, **summary, "memory": _memory(profile)}
    for lag in lags if profile else []:
        yield {**name, "lag": lag} | {n: float(profile[n][lag - 1, 0, 0]) for n in columns_of(short.parts, HOPS)}


def _run(one: Ensemble, weights: Weights, inputs: Tensor) -> Factors:
    return factors(one.cell, weights, run(one.cell, weights, inputs))


@functools.lru_cache(maxsize=64)
def _inputs(task_name: str, length: int, replicate: int, seed: int) -> Tensor:
    """Return the probe's sequence, (1, 1, T, D) float64; a task with a longest length is cut there."""
    task = tasks.load(task_name)
    steps = length if task.longest is None else min(length, task.longest)
    rng = stream(seed, "probe", task=task_name, length=steps, replicate=replicate)
    return torch.from_numpy(task.draw(rng, 1, steps).inputs)[None]


def _finite(found: Factors) -> bool:
    return all(bool(torch.isfinite(value).all()) for value in (*found.carry.values(), *found.mix.values()))


def _exponent(found: Factors) -> Row:
    """Return λ₁ and its standard error, nats per step; missing where a state is not finite."""
    if not _finite(found):
        return {"exponent": math.nan, "exponent_error": math.nan}
    first = lyapunov(found, count=1, burn_in=min(20, found.steps // 4))
    return {"exponent": float(first.value[0, 0]), "exponent_error": float(first.error[0, 0])}


def _gate(found: Factors) -> Row:
    """Return the mean over units and steps of the memory's carry; 0 without a carry."""
    memory = found.parts[-1]
    carry = found.carry.get((memory, memory))
    return {"gate": 0.0 if carry is None else float(carry.mean())}


def _memory(profile: dict[str, Tensor]) -> float:
    """Return the smallest lag whose norm is below 1/e of lag 1's; missing if there is none within the profile."""
    if not profile:
        return math.nan
    norm = profile["norm"][:, 0, 0].numpy()
    below = np.flatnonzero(norm < norm[0] - math.log10(math.e))
    return float(below[0] + 1) if len(below) else math.nan


def _truncation(one: Ensemble, task_name: str, length: int, count: int, seed: int) -> Row:
    """Return the truncated gradient's cosine with the full one, and the ratio of their norms."""
    rng = stream(seed, "probe batch", task=task_name, length=length, count=count, replicate=one.members[0].replicate)
    data = Sequences.of([tasks.load(task_name).draw(rng, count, length)], [0], one.rows.dtype)
    cut = np.zeros((data.steps, 1))
    full, truncated = (_cell_part(one, engine.gradient(one, data, keep).rows) for keep in (None, cut))
    sizes = float(full.norm()), float(truncated.norm())
    if not all(math.isfinite(size) and size > 0 for size in sizes):
        return {"cosine": math.nan, "norm_ratio": math.nan}
    return {"cosine": float(full @ truncated) / (sizes[0] * sizes[1]), "norm_ratio": sizes[1] / sizes[0]}


def _cell_part(one: Ensemble, rows: Tensor) -> Tensor:
    """Return the gradient of the cell's own weights, without the readout's, as one vector in float64."""
    views = one.layout.views(rows.double())
    return torch.cat([value.flatten() for name, value in views.items() if name not in ("V", "v")])
