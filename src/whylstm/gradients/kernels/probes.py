"""What was dropped from a product, carried on as a handful of random combinations, and the error that they certify.

Probes are the last rows in use of each part. Their weights are normal numbers / √:data:`PROBES`, other ones for every
row that is ever dropped, so that their energy is an unbiased estimate of the energy of all that was dropped.
"""

from __future__ import annotations

import math

from whylstm.gradients.kernels.norms import write
from whylstm.gradients.kernels.pointers import aside, kernel, peek, poke
from whylstm.gradients.kernels.ranges import block_at
from whylstm.gradients.kernels.scalars import ZERO, power_of_two, sum_of
from whylstm.gradients.kernels.simd import fma, lanes, load, product, spread, store

PROBES = 8
"""Combinations of the dropped rows of a part."""

CHANCE = 1e-6
"""The chance that the certificate is too small, at one lag and block."""


def certainty() -> float:
    """Return c: what was dropped has at most c times the probes' energy, but for a chance of :data:`CHANCE`.

    By P(χ²_q < x) ≤ (x/2)^(q/2) / Γ(q/2 + 1).
    """
    half = PROBES / 2
    return half / (CHANCE * math.gamma(half + 1)) ** (1 / half)


@aside
def drop(stack, cut, search, shape, part, rank):
    """Drop the rows of a part from ``rank`` on, add them to the probes, and move these to the end of the last panel."""
    wide, live = 2 * lanes(stack.data), -(-(rank + PROBES) // lanes(stack.data))
    panels = (live + 1) // 2
    for old in range(shape.parts):
        for unit in range(old * shape.padded, old * shape.padded + shape.hidden):
            _probe(stack, cut, shape, part, rank, unit * wide)
            for row in range(rank, panels * wide):
                poke(stack.data, _place(stack, shape, part, row) + unit * wide, 0)
            for probe in range(PROBES):
                row = live * lanes(stack.data) - PROBES + probe
                poke(stack.data, _place(stack, shape, part, row) + unit * wide, peek(cut.scratch, probe))
    if search is not None:
        _forget_rows(search, shape, part, rank)
    poke(cut.dropped, part, peek(cut.dropped, part) + peek(cut.rank, part) - rank)
    poke(cut.rank, part, rank)
    poke(stack.live, part, live)


@kernel
def _probe(stack, cut, shape, part, rank, column):
    """Set the scratch to one column of the probes: as they are, and what the rows from ``rank`` on add to them."""
    first = peek(stack.live, part) * lanes(stack.data) - PROBES
    for probe in range(PROBES):
        value = 0.0
        if peek(cut.dropped, part) > 0:
            value += peek(stack.data, _place(stack, shape, part, first + probe) + column)
        poke(cut.scratch, probe, value)
    for row in range(rank, peek(cut.rank, part)):
        entry = peek(stack.data, _place(stack, shape, part, row) + column)
        weights = (part * shape.hidden + peek(cut.dropped, part) + row - rank) * PROBES
        for probe in range(PROBES):
            poke(cut.scratch, probe, peek(cut.scratch, probe) + entry * peek(cut.weights, weights + probe))


@kernel
def _place(stack, shape, part, row):
    """Return where the first entry of a row of the total stands."""
    wide = 2 * lanes(stack.data)
    return block_at(stack, shape, part, 0, row // wide) + row % wide


@kernel
def _forget_rows(search, shape, part, rank):
    """Set the entries of rows that are no more to zero in the vectors that the next search starts from."""
    long = shape.panels * 2 * lanes(search.start)
    for which in range(2 if part == 0 else 1):
        for row in range(rank, long):
            poke(search.start, (which * shape.parts + part) * long + row, 0)


@kernel
def write_certificate(record, at, stack, cut, shape):
    """Write the root of the largest share that the probes have in the energy of a block."""
    largest = 0.0
    for part in range(shape.parts):
        if peek(cut.dropped, part) > 0 and peek(stack.scale, part) > ZERO:
            for old in range(shape.parts):
                square = peek(stack.square, part * shape.parts + old)
                if square > 0:
                    largest = max(largest, _energy_of_probes(stack, cut, shape, part, old) / square)
    return write(record, at, largest, 0)


@aside
def _energy_of_probes(stack, cut, shape, part, old):
    """Return the energy of the probes in a block, in units of the block's own square."""
    data, half, wide = stack.data, lanes(stack.data), 2 * lanes(stack.data)
    unit = spread(data, power_of_two(-peek(stack.extra, part * shape.parts + old)))
    last, total = peek(stack.live, part), 0.0
    for vector in range(last - max(1, PROBES // half), last):
        at = block_at(stack, shape, part, old, vector // 2) + vector % 2 * half
        squares = spread(data, 0.0)
        for place in range(at, at + shape.hidden * wide, wide):
            value = product(load(data, place), unit)
            squares = fma(value, value, squares)
        store(cut.scratch, 0, squares)
        total += sum_of(cut.scratch, half - min(PROBES, half), min(PROBES, half))
    return total
