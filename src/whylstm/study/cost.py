"""What a point costs: operations, bytes and seconds, from its sizes alone.

Per lag and window the engine advances ``hops + 3`` products (the total, hop 0 ... n, the rest) by one step. Each is an
S × S matrix, S = parts · H, times the h column of the recurrent part, S × H: 2 S² H operations. A cell with a memory
beside its output adds the article's two products, 2 H³ each. Besides, every product is passed over once (carry,
rescaling, norms). Where no path leads around the recurrent matrices, all products but three stay zero and are skipped.

The rates are a fit to the processor time of one replicate of 40 points (linear, tanh, lstm, gru; H = 8 ... 96; two
depths; float64) on one core, by ``benchmarks/simulation_cost.py``; all lie within 0.8 ... 1.2 of it. They serve to cut
work into even jobs and to say how long it takes; another machine is slower or faster, by nearly the same factor
everywhere, which a plan takes from the records of earlier runs.
"""

from __future__ import annotations

from functools import cache

from whylstm import cells
from whylstm.study.design import Point

OPERATIONS_PER_SECOND = 80e9
"""A multiply-add counts as two."""

SECONDS_PER_ELEMENT = 0.29e-9
"""One pass of carry, rescaling and norms over one element of one product."""

SECONDS_PER_PRODUCT = 0.5e-6
"""Fixed share of one product: calls and loops, whatever its size."""

SECONDS_PER_GATE_STEP = 29e-6
"""One gate at one step of the trajectory of one replicate."""

SECONDS_PER_REPLICATE = 6e-3
"""Fixed share of one replicate: drawing weights, making rows."""

SECONDS_PER_POINT = 0.03
"""Writing one record."""

SECONDS_PER_JOB = 2.5
"""Starting a process and importing torch."""

BYTES_IMPORTED = 480 * 2**20
"""What a process holds before its first number: 435 MiB were measured with torch, numba and pandas, on Linux."""

COPIES = 6
"""Stacks of products alive at once: old, new, and what lies between."""


@cache
def sizes(cell: str) -> tuple[int, int, bool]:
    """Return a cell's parts, its gates, and whether some path leads around its recurrent matrices (a guess)."""
    facts = cells.load(cell)
    around = len(facts.parts) > 1 or facts.carry_gate is not None or bool(facts.options) or bool(facts.extras)
    return len(facts.parts), max(1, len(facts.gates)), around


def products(point: Point) -> int:
    """Return how many products are advanced at each lag."""
    return point.hops + 3 if sizes(point.cell)[2] else 3


def operations(point: Point) -> float:
    """Return the multiplications and additions per replicate, all windows and lags."""
    parts = sizes(point.cell)[0]
    state = parts * point.hidden
    per_lag = 2 * state**2 * point.hidden * products(point) + (4 * point.hidden**3 if parts > 1 else 0)
    return float(per_lag) * point.lags * point.windows


def seconds(point: Point, replicates: int) -> float:
    """Return the estimated work of a point in seconds of one core, start of the process excluded."""
    parts, gates, _ = sizes(point.cell)
    advances = point.lags * point.windows * products(point)
    passes = advances * (SECONDS_PER_ELEMENT * (parts * point.hidden) ** 2 + SECONDS_PER_PRODUCT)
    steps = point.length * gates * SECONDS_PER_GATE_STEP
    each = operations(point) / OPERATIONS_PER_SECOND + passes + steps + SECONDS_PER_REPLICATE
    return replicates * each + SECONDS_PER_POINT


def memory(point: Point, replicates: int) -> int:
    """Return the estimated bytes of a job while it works on a point: one model at a time, all rows of the record."""
    parts, gates, _ = sizes(point.cell)
    stack = 8 * COPIES * (point.hops + 3) * (parts * point.hidden) ** 2 * point.windows
    steps = 8 * point.length * point.hidden * (3 * parts + 6 * gates)
    weights = 8 * gates * point.hidden**2
    return BYTES_IMPORTED + stack + steps + weights + 3 * disk(point, replicates)


def disk(point: Point, replicates: int) -> int:
    """Return the estimated bytes of a point's record: about 17 numbers a row are left of 26 when it is compressed."""
    return 8 * (point.hops + 9) * replicates * point.windows * point.lags
