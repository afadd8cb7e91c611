"""Keeping products in the range of their numbers, and what is too small for a plain sum of squares."""

from __future__ import annotations

import numpy as np

from whylstm.gradients.kernels.pointers import aside, itemsize, kernel, peek, poke
from whylstm.gradients.kernels.scalars import (
    NOT_FINITE,
    ZERO,
    exponent_of,
    power_of_two,
    sum_of,
    sum_of_squares,
    times_power,
)  # fmt: skip
from whylstm.gradients.kernels.simd import lanes

LOW, HIGH = 1.0, 2.0**40
"""Rows are rescaled when their sum of squares leaves this range; above one, so that less falls below the smallest."""


@kernel
def row_of(shape, member, part):
    """Return the number of the rows of one part of one member."""
    return member * shape.parts + part


@kernel
def panels_in(stack, row):
    """Return how many panels of the rows of one part of one member are in use; of the last one perhaps half."""
    return (peek(stack.live, row) + 1) // 2


@kernel
def panel_at(stack, shape, slot):
    """Return where the panel in a slot begins."""
    return slot * shape.parts * shape.padded * 2 * lanes(stack.data)


@kernel
def block_at(stack, shape, row, old, panel):
    """Return where a panel's columns of one old part begin."""
    slot = peek(stack.slots, row * shape.panels + panel)
    return panel_at(stack, shape, slot) + old * shape.padded * 2 * lanes(stack.data)


@kernel
def settle(stack, shape, row):
    """Sum the squares of rows that were advanced, bring them back into range, and mark them if they are zero."""
    small, size = 2.0**-70 if itemsize(stack.data) == 4 else 2.0**-800, _sum_rows(stack, shape, row)
    if not small < size < 1 / small:
        size = _recover(stack, shape, row)
        if not 0 < size < np.inf:
            return
    if not LOW <= size <= HIGH:
        shift = exponent_of(size) // 2 - 10
        rescale(stack, shape, row, shift)
        for block in range(row * shape.parts, (row + 1) * shape.parts):
            poke(stack.square, block, peek(stack.square, block) * power_of_two(-2 * shift))
    for old in range(shape.parts):
        if peek(stack.square, row * shape.parts + old) < small:
            _look_closely(stack, shape, row, old)


@kernel
def _sum_rows(stack, shape, row):
    """Add up what was noted for each row, in float64, by column part; return the sum of all."""
    wide, size = 2 * lanes(stack.data), 0.0
    for old in range(shape.parts):
        square = sum_of(stack.rows, old * shape.panels * wide, panels_in(stack, row) * wide)
        poke(stack.square, row * shape.parts + old, square)
        poke(stack.extra, row * shape.parts + old, 0)
        size += square
    return size


@aside
def _recover(stack, shape, row):
    """Rescale rows far out of range by their largest entry and square them again; return the new sum of squares."""
    top, size = ZERO, 0.0
    for old in range(shape.parts):
        top = max(top, _largest(stack, shape, row, old))
    if top == ZERO or top >= NOT_FINITE:
        size = 0.0 if top == ZERO else np.nan  # a result, and nothing to rescale
        if top == ZERO:
            poke(stack.scale, row, ZERO)
        for block in range(row * shape.parts, (row + 1) * shape.parts):
            poke(stack.square, block, size)
        return size
    rescale(stack, shape, row, top)
    for old in range(shape.parts):
        square = _squares(stack, shape, row, old, 0)
        poke(stack.square, row * shape.parts + old, square)
        size += square
    return size


@aside
def _look_closely(stack, shape, row, old):
    """Square a block that lies far below its rows in units of its largest entry."""
    power, block = _largest(stack, shape, row, old), row * shape.parts + old
    poke(stack.square, block, 0.0)
    if power > ZERO:
        poke(stack.extra, block, power)
        poke(stack.square, block, _squares(stack, shape, row, old, -power))


@aside
def _largest(stack, shape, row, old):
    """Return the exponent of the largest entry of a block."""
    largest, count = 0.0, shape.hidden * 2 * lanes(stack.data)
    for panel in range(panels_in(stack, row)):
        start = block_at(stack, shape, row, old, panel)
        for place in range(start, start + count):
            value = abs(peek(stack.data, place) * 1.0)
            if not value < np.inf:
                return NOT_FINITE
            largest = max(largest, value)
    return exponent_of(largest)


@aside
def _squares(stack, shape, row, old, power):
    """Return the sum of squares of a block times 2**power, in float64."""
    square, count = 0.0, shape.hidden * 2 * lanes(stack.data)
    for panel in range(panels_in(stack, row)):
        square += sum_of_squares(stack.data, block_at(stack, shape, row, old, panel), count, power)
    return square


@aside
def rescale(stack, shape, row, shift):
    """Divide rows by 2**shift and add it to their scale."""
    poke(stack.scale, row, peek(stack.scale, row) + shift)
    for old in range(shape.parts):
        _scale_block(stack, shape, row, old, -shift)


@aside
def _scale_block(stack, shape, row, old, power):
    """Multiply a block by a power of two."""
    count = shape.hidden * 2 * lanes(stack.data)
    for panel in range(panels_in(stack, row)):
        start = block_at(stack, shape, row, old, panel)
        times_power(stack.data, start, stack.data, start, count, power)


@kernel
def shift_blocks(stack, step, shape, row):
    """Take J's rows at their own powers of two: give them to the columns that they will be multiplied with."""
    top = ZERO
    for old in range(shape.parts):
        if peek(stack.square, row * shape.parts + old) != 0:
            top = max(top, peek(step.power, old))
    for old in range(shape.parts):
        if peek(step.power, old) != top:
            _scale_block(stack, shape, row, old, max(peek(step.power, old) - top, -2000))
    poke(stack.scale, row, peek(stack.scale, row) + top)
