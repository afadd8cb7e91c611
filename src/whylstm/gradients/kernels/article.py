"""The article's own products (see :mod:`whylstm.gradients.article`), beside the truth, lag by lag.

The article's product and the detour are the two members of a stack of one part: H × H, the rows of h_t alone.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from whylstm.gradients.kernels.layout import Sizes
from whylstm.gradients.kernels.norms import write
from whylstm.gradients.kernels.panels import finish_one, multiply
from whylstm.gradients.kernels.pointers import aside, itemsize, kernel, peek, poke
from whylstm.gradients.kernels.ranges import block_at, panel_at, settle
from whylstm.gradients.kernels.scalars import ZERO, largest_exponent, power_of_two, sum_of_squares, times_power
from whylstm.gradients.kernels.simd import LINE_BYTES, lanes, load, product, splat, store

ARTICLE, DETOUR = 0, 1


class Carousel(NamedTuple):
    """The article's right side, D(d_t) Π f · A.

    Attributes:
        kept: D(d_t) Π f, (H,) in float64.
        power: (1,), its power of two.
        exposure: d at one step, (H,) in the dtype of the products.
        scratch: (H,) in float64, overwritten.
    """

    kept: np.ndarray
    power: np.ndarray
    exposure: np.ndarray
    scratch: np.ndarray


def single(shape: Sizes) -> Sizes:
    """Return the shapes of the article's product and the detour."""
    return shape._replace(parts=1, members=2, carries=0)


def carousel(shape: Sizes, dtype: np.dtype) -> Carousel:
    """Return room for the right side."""
    return Carousel(
        np.zeros(shape.hidden), np.zeros(1, np.int64), np.zeros(shape.hidden, dtype), np.zeros(shape.hidden)
    )


@aside
def start_carousel(carousel, model, shape, time, which):
    """Set the right side to D(d_t)."""
    first = (time * shape.models + which) * shape.hidden
    poke(carousel.power, 0, 0)
    times_power(carousel.kept, 0, model.exposure, first, shape.hidden, 0)


@kernel
def advance_article(paper, carousel, model, step, shape, one, time, which):
    """Take the article's product and the detour one lag further; ``one`` are the shapes of a single part."""
    first, side = (time * shape.models + which) * shape.hidden, shape.padded * shape.hidden
    exponent = max(largest_exponent(model.exposure, first, shape.hidden), -2000)
    times_power(carousel.exposure, 0, model.exposure, first, shape.hidden, -exponent)
    for member in range(2):
        if peek(paper.scale, member) > ZERO:
            for panel in range(shape.panels):
                _advance_panel(paper, carousel, step, one, member, panel, member * side)
            power = peek(step.power, member) + (exponent if member == DETOUR else 0)
            poke(paper.scale, member, peek(paper.scale, member) + power)
            settle(paper, one, member)


@aside
def _advance_panel(paper, carousel, step, one, member, panel, column_at):
    """Multiply a panel with the h rows of the column, or, times d, with its C rows."""
    place = member * one.panels + panel
    slot, free = peek(paper.slots, place), peek(paper.free, 0)
    source, new, wide = panel_at(paper, one, slot), panel_at(paper, one, free), 2 * lanes(paper.data)
    if member == DETOUR:
        target = panel_at(paper, one, peek(paper.free, 1))
        for unit in range(one.hidden):
            weight = splat(carousel.exposure, unit)
            for at in range(unit * wide, (unit + 1) * wide, lanes(paper.data)):
                store(paper.data, target + at, product(load(paper.data, source + at), weight))
        source = target
    multiply(paper.data, source, step.column, column_at, new, one, 0, one.hidden, False)
    finish_one(paper, new, source, step.kept, 0, False, one, True, panel * wide)
    poke(paper.slots, place, free)
    poke(paper.free, 0, slot)


@kernel
def write_article(record, at, stack, paper, carousel, step, carry_index, shape, one):
    """Write the article's five norms for one lag, and take the right side one lag further."""
    at = _write_square(record, at, paper, ARTICLE)
    at = _write_defect(record, at, stack, paper, shape, one)
    at = _write_square(record, at, paper, DETOUR)
    at = _write_carousel(record, at, carousel, step, shape)
    at = _write_gap(record, at, paper, carousel, step, shape, one)
    _keep(carousel, step, carry_index, shape)
    return at


@kernel
def _write_square(record, at, paper, member):
    return write(record, at, peek(paper.square, member), peek(paper.scale, member) + peek(paper.extra, member))


@aside
def _write_defect(record, at, stack, paper, shape, one):
    """Write ‖∂h_t/∂h_{t-k} - the article's product‖."""
    top = max(peek(stack.scale, 0) + peek(stack.extra, 0), peek(paper.scale, ARTICLE))
    if top <= ZERO // 2:
        return write(record, at, 0.0, 0)
    left, right = power_of_two(peek(stack.scale, 0) - top), power_of_two(peek(paper.scale, ARTICLE) - top)
    square = 0.0
    for panel in range(shape.panels):
        truth, ours = block_at(stack, shape, 0, 0, panel), block_at(paper, one, ARTICLE, 0, panel)
        for place in range(shape.hidden * 2 * lanes(stack.data)):
            difference = left * peek(stack.data, truth + place) - right * peek(paper.data, ours + place)
            square += difference * difference
    return write(record, at, square, top)


@aside
def _write_carousel(record, at, carousel, step, shape):
    """Write ‖D(d_t) Π f A‖: A's rows, each by its own weight."""
    side, size = LINE_BYTES // itemsize(step.column), shape.padded * shape.hidden
    for unit in range(shape.hidden):
        square = 0.0
        for start in range(size + unit * side, 2 * size, side * shape.hidden):
            square += sum_of_squares(step.column, start, side, 0)
        poke(carousel.scratch, unit, peek(carousel.kept, unit) * np.sqrt(square))
    power = largest_exponent(carousel.scratch, 0, shape.hidden)
    if power == ZERO or peek(carousel.power, 0) == ZERO:
        return write(record, at, 0.0, 0)
    square = sum_of_squares(carousel.scratch, 0, shape.hidden, -power)
    return write(record, at, square, power + peek(carousel.power, 0) + peek(step.power, 1))


@aside
def _write_gap(record, at, paper, carousel, step, shape, one):
    """Write ‖detour - D(d_t) Π f A‖."""
    other = peek(carousel.power, 0) + peek(step.power, 1)
    top = max(peek(paper.scale, DETOUR), other)
    if top <= ZERO // 2:
        return write(record, at, 0.0, 0)
    left, right = power_of_two(peek(paper.scale, DETOUR) - top), power_of_two(other - top)
    wide, side, square = 2 * lanes(paper.data), LINE_BYTES // itemsize(step.column), 0.0
    for unit in range(shape.hidden):
        detour, weight = block_at(paper, one, DETOUR, 0, unit // wide) + unit % wide, right * peek(carousel.kept, unit)
        for column in range(shape.hidden):
            line = (shape.padded + column - column % side) * shape.hidden + unit * side + column % side
            difference = left * peek(paper.data, detour + column * wide) - weight * peek(step.column, line)
            square += difference * difference
    return write(record, at, square, top)


@aside
def _keep(carousel, step, carry_index, shape):
    """Multiply D(d_t) Π f by the forget gate of this lag."""
    for entry in range(shape.carries):
        if peek(carry_index, 2 * entry) == 1 and peek(carry_index, 2 * entry + 1) == 1:
            for unit in range(shape.hidden):
                value = peek(carousel.kept, unit) * peek(step.exact, entry * shape.hidden + unit)
                poke(carousel.kept, unit, value)
    power = largest_exponent(carousel.kept, 0, shape.hidden)
    if power == ZERO:
        poke(carousel.power, 0, ZERO)
    else:
        times_power(carousel.kept, 0, carousel.kept, 0, shape.hidden, -power)
        poke(carousel.power, 0, peek(carousel.power, 0) + power + peek(step.power, 1))
