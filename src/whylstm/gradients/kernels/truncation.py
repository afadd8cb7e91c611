"""Fewer rows: a product that has forgotten most directions is turned so that few of its rows hold it, and those kept.

Going back in time multiplies P from the right, so its rows may be turned by any rotation from the left, those of each
part of the new state for themselves: no norm of a block changes. At some lags the rows of a part are triangularised by
reflections, always towards the column of which most is left (a QR with pivoting), until every block has less than
``limit`` of its energy, its squared norm, in the rows that are still to do. These are dropped if that saves a vector of
rows.

What is dropped goes on as a handful of *probes*: combinations of all dropped rows with normally distributed weights,
advanced with the product. Kept and dropped rows are orthogonal directions of the output, so with E all that was
dropped, carried on to this lag, block by block and exactly

    ‖G‖² = ‖kept rows‖² + ‖E‖².

The probes' energy is an unbiased estimate of ‖E‖² and stays in the sums. So the error of a norm is of second order,
and the probes certify it: that the energy of q of them is below ‖E‖²/c has a chance of P(χ²_q < q/c) at most, which is
reached where E has rank one.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from whylstm.gradients.kernels.layout import Sizes, aligned
from whylstm.gradients.kernels.pointers import aside, kernel, peek, poke
from whylstm.gradients.kernels.probes import PROBES, drop
from whylstm.gradients.kernels.ranges import block_at, panel_at, panels_in
from whylstm.gradients.kernels.scalars import sum_of
from whylstm.gradients.kernels.simd import across, added, fma, lanes, load, product, spread, store, width
from whylstm.streams import stream

FIRST = 16
"""The lag at which fewer rows are tried first."""


class Cut(NamedTuple):
    """What is remembered of the rows that are kept and dropped, and room for a reflection.

    Attributes:
        limit: (1,), the largest share of a block's energy that is dropped at once.
        rank: (parts,), rows that are kept, not counting probes.
        due: (parts,), the lag of the next trial.
        dropped: (parts,), rows that were dropped.
        weights: (parts, H, probes), normal numbers / √probes: those of the n-th row that is dropped.
        mirror: (rows,), the reflection's vector, rows as in the panels of a part.
        below: (rows,), 1 for rows that are still to do and 0 for others.
        energy: (parts, H) in float64, the squares of the rows still to do, column by column.
        total: (parts,) in float64, the same of all rows and all columns of a part.
        scratch: (width,), at least one number per probe.
    """

    limit: np.ndarray
    rank: np.ndarray
    due: np.ndarray
    dropped: np.ndarray
    weights: np.ndarray
    mirror: np.ndarray
    below: np.ndarray
    energy: np.ndarray
    total: np.ndarray
    scratch: np.ndarray


def cut(shape: Sizes, dtype: np.dtype[Any], limit: float) -> Cut:
    """Return room for fewer rows."""
    wide = width(dtype)
    normal = stream(0, "probes", hidden=shape.hidden, parts=shape.parts).standard_normal
    return Cut(
        limit=np.array([limit]),
        rank=np.zeros(shape.parts, np.int64),
        due=np.zeros(shape.parts, np.int64),
        dropped=np.zeros(shape.parts, np.int64),
        weights=normal(shape.parts * shape.hidden * PROBES) / PROBES**0.5,
        mirror=aligned(shape.panels * wide, dtype),
        below=aligned(shape.panels * wide, dtype),
        energy=np.zeros(shape.parts * shape.hidden),
        total=np.zeros(shape.parts),
        scratch=aligned(max(wide, PROBES), dtype),
    )


@aside
def start_cut(cut, shape):
    """Keep all rows."""
    for part in range(shape.parts):
        poke(cut.rank, part, shape.hidden)
        poke(cut.due, part, FIRST)
        poke(cut.dropped, part, 0)


@kernel
def truncate(stack, cut, search, shape, lag):
    """Try to keep fewer rows of each part of the total, where that is due at this lag."""
    for part in range(shape.parts):
        if lag >= peek(cut.due, part):
            _try(stack, cut, search, shape, part, lag)


@aside
def _try(stack, cut, search, shape, part, lag):
    """Drop rows of one part if that saves a vector; say when to try again, as ranks fall like 1/lag."""
    most = (peek(stack.live, part) - 1) * lanes(stack.data) - PROBES
    if most > 0 and _tame(stack, shape, part):
        rank = _triangularise(stack, cut, search, shape, part, most)
        poke(cut.due, part, lag + lag // (4 if rank >= 0 else 2))
        if rank >= 0:
            drop(stack, cut, search, shape, part, rank)
    else:
        poke(cut.due, part, lag + lag // 2)


@kernel
def _tame(stack, shape, part):
    """Return whether the squares of all blocks are in the range of plain sums."""
    size, plain = 0.0, True
    for block in range(part * shape.parts, (part + 1) * shape.parts):
        size += peek(stack.square, block)
        plain = plain and peek(stack.extra, block) == 0
    return plain and 0 < size < np.inf


@aside
def _triangularise(stack, cut, search, shape, part, most):
    """Return how many reflections put all but ``limit`` of each block into as many rows; -1 if more than ``most``."""
    rows = shape.panels * 2 * lanes(stack.data)
    for row in range(rows):
        poke(cut.mirror, row, 0)
        poke(cut.below, row, 1 if row < peek(cut.rank, part) else 0)
    _reflect_columns(stack, cut, shape, part, 0, 0.0)
    for old in range(shape.parts):
        poke(cut.total, old, sum_of(cut.energy, old * shape.hidden, shape.hidden))
    for done in range(most + 1):
        if _little_is_left(cut, shape):
            return done
        if done < most:
            factor = _aim(stack, cut, shape, part, done, _column_to_do(cut, shape))
            _reflect_columns(stack, cut, shape, part, done, factor)
            if search is not None:
                _reflect_search(cut, search, shape, part, rows, factor)
    return -1


@kernel
def _little_is_left(cut, shape):
    """Return whether the rows still to do hold less than ``limit`` of every block's energy."""
    little = True
    for old in range(shape.parts):
        left = sum_of(cut.energy, old * shape.hidden, shape.hidden)
        little = little and left <= peek(cut.limit, 0) * peek(cut.total, old)
    return little


@kernel
def _column_to_do(cut, shape):
    """Return the column of which most is left, in units of its block."""
    best, largest = 0, 0.0
    for old in range(shape.parts):
        unit = 1 / peek(cut.total, old) if peek(cut.total, old) > 0 else 0.0
        for column in range(old * shape.hidden, (old + 1) * shape.hidden):
            if peek(cut.energy, column) * unit > largest:
                best, largest = column, peek(cut.energy, column) * unit
    return best


@aside
def _aim(stack, cut, shape, part, done, column):
    """Set the mirror that turns the rows to do of a column into row ``done``; return its factor, -2/‖mirror‖²."""
    wide, square = 2 * lanes(stack.data), 0.0
    unit = (column // shape.hidden) * shape.padded + column % shape.hidden
    for panel in range(panels_in(stack, part)):
        source = block_at(stack, shape, part, 0, panel) + unit * wide
        for row in range(panel * wide, (panel + 1) * wide):
            value = peek(stack.data, source + row - panel * wide) * peek(cut.below, row)
            poke(cut.mirror, row, value)
            square += value * value * 1.0
    length, first = np.sqrt(square), peek(cut.mirror, done) * 1.0
    poke(cut.mirror, done, first + length if first >= 0 else first - length)
    poke(cut.below, done, 0)
    return -1 / (length * (length + abs(first))) if length > 0 else 0.0


@aside
def _reflect_columns(stack, cut, shape, part, done, factor):
    """Reflect every column of a part's rows, and note what is left of it in the rows still to do."""
    data, half, live = stack.data, lanes(stack.data), panels_in(stack, part)
    first = done // (2 * half)  # panels before it are done
    for old in range(shape.parts):
        for unit in range(shape.hidden):
            offset = (old * shape.padded + unit) * 2 * half
            left, right = spread(data, 0.0), spread(data, 0.0)
            for panel in range(first, live):
                at = panel_at(stack, shape, peek(stack.slots, part * shape.panels + panel)) + offset
                left = fma(load(data, at), load(cut.mirror, panel * 2 * half), left)
                right = fma(load(data, at + half), load(cut.mirror, panel * 2 * half + half), right)
            share = spread(data, factor * across(added(left, right)))
            left, right = spread(data, 0.0), spread(data, 0.0)
            for panel in range(first, live):
                at = panel_at(stack, shape, peek(stack.slots, part * shape.panels + panel)) + offset
                for lane in range(0, 2 * half, half):
                    place = panel * 2 * half + lane
                    value = fma(load(cut.mirror, place), share, load(data, at + lane))
                    store(data, at + lane, value)
                    value = product(value, load(cut.below, place))
                    left = fma(value, value, left)
            poke(cut.energy, old * shape.hidden + unit, across(left))


@aside
def _reflect_search(cut, search, shape, part, rows, factor):
    """Reflect the left singular vectors from which the next search starts."""
    long = shape.panels * 2 * lanes(search.start)
    for which in range(2 if part == 0 else 1):
        first, share = (which * shape.parts + part) * long, 0.0
        for row in range(rows):
            share += peek(search.start, first + row) * peek(cut.mirror, row) * 1.0
        for row in range(rows):
            value = peek(search.start, first + row) + factor * share * peek(cut.mirror, row)
            poke(search.start, first + row, value)
