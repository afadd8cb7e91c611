"""The product of the carries alone, G^(0) = Π K_i: diagonals for each pair of parts, float64 whatever the products are.

It costs a hundredth of a product, and its diagonals span a wide range: units that forget fast stand beside units that
do not.
"""

from __future__ import annotations

import numpy as np

from whylstm.gradients.kernels.pointers import aside, kernel, peek, poke
from whylstm.gradients.kernels.ranges import HIGH, LOW
from whylstm.gradients.kernels.scalars import NOT_FINITE, ZERO, clear, largest_exponent, sum_of_squares, times_power

SMALL, LARGE = 2.0**-800, 2.0**800
"""A sum of squares beyond these is taken again, in units of the largest entry."""


@aside
def start_carry(carried, shape):
    """Set G^(0) to the identity."""
    clear(carried.diagonals, 0, shape.parts**2 * shape.hidden)
    clear(carried.square, 0, shape.parts**2)
    clear(carried.extra, 0, shape.parts**2)
    clear(carried.scale, 0, shape.parts)
    for part in range(shape.parts):
        block = part * shape.parts + part
        poke(carried.square, block, shape.hidden)
        for unit in range(shape.hidden):
            poke(carried.diagonals, block * shape.hidden + unit, 1.0)


@kernel
def advance_carry(carried, step, carry_index, shape):
    """Multiply G^(0) by K of one step."""
    for part in range(shape.parts):
        if peek(carried.scale, part) > ZERO:
            _set_aside(carried, step, shape, part)
            _multiply(carried, step, carry_index, shape, part)
            _settle(carried, shape, part)


@kernel
def _set_aside(carried, step, shape, part):
    """Set aside a row of parts, with J's rows taken at their own powers of two, and make room for the new one."""
    top, row = ZERO, part * shape.parts
    for old in range(shape.parts):
        if peek(carried.square, row + old) != 0:
            top = max(top, peek(step.power, old))
    for old in range(shape.parts):
        if peek(carried.square, row + old) != 0:
            source, power = (row + old) * shape.hidden, peek(step.power, old) - top
            times_power(carried.spare, old * shape.hidden, carried.diagonals, source, shape.hidden, power)
            clear(carried.diagonals, source, shape.hidden)
    poke(carried.scale, part, peek(carried.scale, part) + top)


@kernel
def _multiply(carried, step, carry_index, shape, part):
    """Multiply what was set aside by K; a block whose square is zero was not."""
    for entry in range(shape.carries):
        new, old = peek(carry_index, 2 * entry), peek(carry_index, 2 * entry + 1)
        if peek(carried.square, part * shape.parts + new) != 0:
            target, source = (part * shape.parts + old) * shape.hidden, new * shape.hidden
            for unit in range(shape.hidden):
                value = peek(carried.spare, source + unit) * peek(step.exact, entry * shape.hidden + unit)
                poke(carried.diagonals, target + unit, peek(carried.diagonals, target + unit) + value)


@kernel
def _settle(carried, shape, part):
    """Square the blocks of a row of parts and bring them back into range."""
    size = 0.0
    for block in range(part * shape.parts, (part + 1) * shape.parts):
        square = sum_of_squares(carried.diagonals, block * shape.hidden, shape.hidden, 0)
        poke(carried.square, block, square)
        poke(carried.extra, block, 0)
        size += square
    if not LOW <= size <= HIGH:
        _rescale(carried, shape, part)
    for block in range(part * shape.parts, (part + 1) * shape.parts):
        if not SMALL < peek(carried.square, block) < LARGE:
            _look_closely(carried, shape, block)


@aside
def _rescale(carried, shape, part):
    """Bring the largest entry of a row of parts to order 2**10, or mark the row as zero."""
    row, count = part * shape.parts * shape.hidden, shape.parts * shape.hidden
    top = largest_exponent(carried.diagonals, row, count)
    if top == ZERO:
        poke(carried.scale, part, ZERO)
    elif top < NOT_FINITE:
        poke(carried.scale, part, peek(carried.scale, part) + top - 10)
        times_power(carried.diagonals, row, carried.diagonals, row, count, 10 - top)
        for block in range(part * shape.parts, (part + 1) * shape.parts):
            start = block * shape.hidden
            poke(carried.square, block, sum_of_squares(carried.diagonals, start, shape.hidden, 0))


@aside
def _look_closely(carried, shape, block):
    """Square a block far out of range in units of its largest entry; what is no number stays none."""
    start = block * shape.hidden
    power = largest_exponent(carried.diagonals, start, shape.hidden)
    if power >= NOT_FINITE:
        poke(carried.square, block, np.nan)
    elif power > ZERO:
        poke(carried.extra, block, power)
        poke(carried.square, block, sum_of_squares(carried.diagonals, start, shape.hidden, -power))
