"""The probe: what the gradient is like on weights that are being trained.

Some sequences and one batch for each replicate, the same at every probe, from streams of their own. In float64, network
by network, so that no number depends on what else is trained beside it:

    lags        the norm of the lag Jacobian that ends at the last step, its carry and its hops, on a grid of lags; and
                how the last output depends on the input so many steps before, the median over sequences
    exponent    λ₁ along a longer sequence of the same task, nats per step
    gate        mean of the carry of the memory (for an LSTM the mean forget gate)
    cosine      of the truncated gradient (h-edges cut) with the full one, over all weights but the readout's

Of all this attention has the last output against the inputs, and nothing else: it has no state.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor

from whylstm import tasks
from whylstm.cells.base import Cell
from whylstm.gradients.factors import Factors, factors
from whylstm.gradients.inputs import input_profile
from whylstm.gradients.lag_profile import columns_of, lag_profile
from whylstm.gradients.lyapunov import lyapunov
from whylstm.gradients.trajectory import Weights, run
from whylstm.streams import stream
from whylstm.training import attention, engine
from whylstm.training.ensemble import Ensemble
from whylstm.training.history import Row
from whylstm.training.loop import Probe
from whylstm.training.sequences import Sequences

HOPS = 8
SUMMARY = ("exponent", "exponent_error", "gate", "cosine", "norm_ratio", "memory")
"""What is said of a recurrent network in one number each; attention has neither a product of steps nor edges to cut."""

LONGEST_PROFILE = 200
"""The largest lag that is probed, unless the one at which gradients are looked at (``FAR``) is larger."""

LONG_RUN = 300
"""Steps along which λ₁ is averaged, at least."""

SEQUENCES = 9
"""Sequences of which the hold on an input is the median: in one alone, chance can hide how networks differ."""

FAR = 0.75
"""The lag at which figures and text look at a gradient, as a share of the sequence (``statistics._training``)."""

FRACTIONS = (0.25, 0.5, FAR, 0.9)
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
    largest = min(steps - 1, max(LONGEST_PROFILE, round(FAR * steps)))
    lags = {round(1.5**k) for k in range(40)} | {round(share * steps) for share in FRACTIONS} | {largest}
    return sorted(lag for lag in lags if 1 <= lag <= largest)


def _network(one: Ensemble, task_name: str, length: int, count: int, seed: int) -> Iterator[Row]:
    """Yield the rows of one network: its summary, then one per lag; ``lag`` tells them apart."""
    replicate, name = one.members[0].replicate, {"model": one.members[0].name}
    weights = {name: value.double() for name, value in one.weights.items()}
    sizes = ((length, SEQUENCES), (max(length, LONG_RUN), 1))
    inputs = [_inputs(task_name, size, count, replicate, seed) for size, count in sizes]
    if isinstance(one.reader, Cell):
        summary, profile = _recurrent(one.reader, weights, *inputs)
        summary |= _truncation(one, task_name, length, count, seed)
    else:
        summary, profile = dict.fromkeys(SUMMARY, math.nan), _attention(weights, inputs[0])
    yield {**name, "lag": 0, **summary}
    for lag in grid(inputs[0].shape[2]) if profile else []:
        yield {**name, "lag": lag} | {column: float(values[lag - 1]) for column, values in profile.items()}


def _recurrent(cell: Cell, weights: Weights, short: Tensor, long: Tensor) -> tuple[Row, dict[str, Tensor]]:
    """Return a recurrent network's summary and its columns by lag, along sequences (N, 1, T, D) and a longer one."""
    found = factors(cell, weights, run(cell, weights, short[:1]))
    profile = {}
    if _finite(found):
        largest = grid(found.steps)[-1]
        profile = {n: v[:, 0, 0] for n, v in lag_profile(found, [found.steps], largest, HOPS).items()}
        profile = {name: profile[name] for name in columns_of(found.parts, HOPS)}
        profile["x_to_h"] = _hold(cell, weights, short, largest)
    far = factors(cell, weights, run(cell, weights, long))
    return _exponent(far) | _gate(found) | {"memory": _memory(profile)}, profile


def _hold(cell: Cell, weights: Weights, inputs: Tensor, lags: int) -> Tensor:
    """Return log₁₀ ‖∂h_T/∂x_{T-k}‖ for k = 1 ... ``lags``, the median over sequences, (lags,)."""
    same = {name: value.expand(len(inputs), *value.shape[1:]) for name, value in weights.items()}
    trajectory = run(cell, same, inputs)
    found = factors(cell, same, trajectory)
    if not _finite(found):
        return torch.full((lags,), math.nan, dtype=torch.float64)
    return input_profile(cell, same, trajectory, found, found.steps, lags).median(1).values


def _attention(weights: Weights, inputs: Tensor) -> dict[str, Tensor]:
    """Return attention's one column by lag; it has no state, and so neither hops nor an exponent."""
    lags = grid(inputs.shape[2])[-1]
    own = {name: value[0] for name, value in weights.items()}
    each = [attention.input_profile(own, sequence, lags) for sequence in inputs]
    found = {"x_to_h": torch.stack(each).median(0).values}
    missing = dict.fromkeys(("norm", "hop_rest"), torch.full((lags,), math.nan))
    return missing | found if bool(torch.isfinite(found["x_to_h"]).any()) else {}


@functools.lru_cache(maxsize=64)
def _inputs(task_name: str, length: int, count: int, replicate: int, seed: int) -> Tensor:
    """Return the probe's sequences, (N, 1, T, D) float64; a task with a longest length is cut there."""
    task = tasks.load(task_name)
    steps = length if task.longest is None else min(length, task.longest)
    rng = stream(seed, "probe", task=task_name, length=steps, replicate=replicate)
    return torch.from_numpy(task.draw(rng, count, steps).inputs)[:, None]


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
    norm = profile["norm"].numpy()
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
