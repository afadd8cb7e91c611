"""How a product lies in memory while it is advanced, and everything that stands beside it.

A product P has S = parts · H rows and as many columns. Its rows are cut into *panels* of two vectors, those of each
part of the new state for themselves. A panel lies by columns: ``data[slot][part][unit][row]``, so that one vector holds
the same column of neighbouring rows, all that is done to rows runs along vectors, and a panel of a usual size fits the
first cache. Because J multiplies from the right, a panel never meets another one.

The new panel is written to a slot that is free, and the old one's becomes free: ``slots`` says where each one is. All
rows of one part of one product share a power of two, ``scale``; ``ZERO`` marks rows that are exactly zero.

All arrays are flat, and kernels do their own arithmetic on offsets: a view costs more than the loop over it. Shapes in
the docstrings say in which order the numbers lie.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from whylstm.gradients.kernels.simd import line, width


class Sizes(NamedTuple):
    """Whole numbers that fix all shapes.

    Attributes:
        parts: parts of the state.
        hidden: H.
        padded: H rounded up to whole lines of columns.
        panels: panels for the rows of one part.
        members: products held: the total; with hops told apart also hop 1 ... n and the rest.
        steps: T.
        models: B.
        carries: diagonals of the carry.
        mixes: diagonals of the recurrent part.
        gates: recurrent matrices.
    """

    parts: int
    hidden: int
    padded: int
    panels: int
    members: int
    steps: int
    models: int
    carries: int
    mixes: int
    gates: int


class Stack(NamedTuple):
    """The products.

    Attributes:
        data: panels, flat; see the module's docstring.
        slots: (members, parts, panels), where each panel is.
        live: (members, parts), vectors of rows in use, two to a panel: all that H rows need, until rows are dropped.
        free: (2,), a free slot for the next panel, and one for what is put together before a product.
        scale: (members, parts), the power of two of the rows of each part.
        square: (members, new, old), float64 sums of squares of each block, in units of 4**(scale + extra).
        extra: (members, new, old), what is added to the scale where a block lies far below its rows.
        rows: (old, panels, width), sums of squares of the rows that were advanced last, by column part.
    """

    data: np.ndarray
    slots: np.ndarray
    live: np.ndarray
    free: np.ndarray
    scale: np.ndarray
    square: np.ndarray
    extra: np.ndarray
    rows: np.ndarray


class Carried(NamedTuple):
    """The product of the carries alone, G^(0): its blocks are diagonals.

    Attributes:
        diagonals: (new, old, H) in float64.
        spare: (old, H) in float64, overwritten.
        scale, square, extra: as in :class:`Stack`, for a single member.
    """

    diagonals: np.ndarray
    spare: np.ndarray
    scale: np.ndarray
    square: np.ndarray
    extra: np.ndarray


class Step(NamedTuple):
    """J at one lag, ready for use.

    Attributes:
        column: the h column of the recurrent part, Σ_g D(mix[p, g]) U_g, as ``[part][line][unit][column of the line]``.
        carry: (carries, H) in the dtype of the products.
        exact: the same in float64.
        kept: the same as ``carry``, times a power of two for the rows that are being advanced.
        mix: (mixes, H) in the dtype of the products.
        power: (parts,), J's rows of part p are 2**power[p] times what stands here; zero but for extreme numbers.
    """

    column: np.ndarray
    carry: np.ndarray
    exact: np.ndarray
    kept: np.ndarray
    mix: np.ndarray
    power: np.ndarray


def stack(shape: Sizes, dtype: np.dtype[Any]) -> Stack:
    """Return room for the products."""
    rows = shape.members * shape.parts
    slots = rows * shape.panels
    return Stack(
        data=aligned((slots + 2) * shape.parts * shape.padded * width(dtype), dtype),
        slots=np.arange(slots),
        live=np.zeros(rows, np.int64),
        free=np.array([slots, slots + 1]),
        scale=np.zeros(rows, np.int64),
        square=np.zeros(rows * shape.parts),
        extra=np.zeros(rows * shape.parts, np.int64),
        rows=aligned(shape.parts * shape.panels * width(dtype), dtype),
    )


def carried(shape: Sizes) -> Carried:
    """Return room for the product of the carries."""
    blocks = shape.parts**2
    return Carried(
        diagonals=np.zeros(blocks * shape.hidden),
        spare=np.zeros(shape.parts * shape.hidden),
        scale=np.zeros(shape.parts, np.int64),
        square=np.zeros(blocks),
        extra=np.zeros(blocks, np.int64),
    )


def step(shape: Sizes, dtype: np.dtype[Any]) -> Step:
    """Return room for one step's Jacobian."""
    return Step(
        column=aligned(shape.parts * shape.padded * shape.hidden, dtype),
        carry=np.zeros(shape.carries * shape.hidden, dtype),
        exact=np.zeros(shape.carries * shape.hidden),
        kept=np.zeros(shape.carries * shape.hidden, dtype),
        mix=np.zeros(shape.mixes * shape.hidden, dtype),
        power=np.zeros(shape.parts, np.int64),
    )


def panels_of(hidden: int, dtype: np.dtype[Any]) -> int:
    """Return how many panels the rows of one part are cut into."""
    return -(-hidden // width(dtype))


def padded(hidden: int, dtype: np.dtype[Any]) -> int:
    """Return H rounded up to whole lines of columns."""
    return -(-hidden // line(dtype)) * line(dtype)


def aligned(count: int, dtype: np.dtype[Any]) -> np.ndarray:
    """Return ``count`` zeros that start on a line of the cache: a vector that straddles two is loaded twice."""
    room = np.zeros(count + 64 // dtype.itemsize, dtype)
    start = -room.ctypes.data % 64 // dtype.itemsize
    return room[start : start + count]
