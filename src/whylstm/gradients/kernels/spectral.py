"""The largest singular value of a product: Lanczos on P Pᵀ, started from the last lag's left singular vector.

Going back in time multiplies P from the right, so its left singular vectors settle while the right ones turn on, and
one step is enough most of the time. What is found is a singular value up to its residual; that it is the largest is
certain as soon as its square is half of ‖P‖_F², since the others share the rest. Until then a fixed generic vector is
mixed into the start, so that no direction is missed, and the search takes more steps.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from whylstm.gradients.kernels.layout import Sizes, aligned
from whylstm.gradients.kernels.norms import write
from whylstm.gradients.kernels.pointers import aside, itemsize, kernel, peek, poke
from whylstm.gradients.kernels.ranges import block_at, panel_at
from whylstm.gradients.kernels.scalars import ZERO, clear, power_of_two
from whylstm.gradients.kernels.simd import across, added, fma, lanes, load, product, splat, spread, store, width

STEPS = 32
"""Steps of Lanczos before it is started again from what it has found."""

RESTARTS = 4


class Search(NamedTuple):
    """What is remembered from lag to lag, and room for the search.

    Attributes:
        start: (2, rows), the left singular vectors of the whole and of the h → h block, rows as in the panels.
        generic: (rows,), a fixed vector with something of every direction.
        basis: (STEPS + 1, rows).
        image: (parts, padded), Pᵀ times a vector.
        weight: (parts,) in float64, what the rows of each part are multiplied with.
        diagonal: (STEPS,), beside: (STEPS,), ritz: (STEPS,), all in float64: the projected problem.
    """

    start: np.ndarray
    generic: np.ndarray
    basis: np.ndarray
    image: np.ndarray
    weight: np.ndarray
    diagonal: np.ndarray
    beside: np.ndarray
    ritz: np.ndarray


def search(shape: Sizes, dtype: np.dtype[Any]) -> Search:
    """Return room for the search."""
    rows = shape.parts * shape.panels * width(dtype)
    room = Search(
        *(aligned(count, dtype) for count in (2 * rows, rows, (STEPS + 1) * rows, shape.parts * shape.padded)),
        *(np.zeros(count) for count in (shape.parts, STEPS, STEPS, STEPS)),
    )
    inside = np.arange(shape.panels * width(dtype)) < shape.hidden
    room.generic[:] = np.sin(np.arange(1, rows + 1) ** 2.0) * np.tile(inside, shape.parts)
    room.generic[:] /= np.sqrt(np.sum(room.generic.astype(np.float64) ** 2))
    return room


@aside
def start_search(search, shape):
    """Forget the last window."""
    rows = shape.parts * shape.panels * 2 * lanes(search.start)
    for place in range(2 * rows):
        poke(search.start, place, peek(search.generic, place % rows))


@kernel
def write_spectral(record, at, stack, search, shape):
    """Write the largest singular value of the total and of its h → h block, and the larger of their residuals."""
    wide = 2 * lanes(stack.data)
    top, square = ZERO, 0.0
    for part in range(shape.parts):
        top = max(top, peek(stack.scale, part))
    for part in range(shape.parts):
        poke(search.weight, part, power_of_two(peek(stack.scale, part) - top))
        for old in range(shape.parts):
            block = part * shape.parts + old
            power = peek(stack.scale, part) + peek(stack.extra, block) - top
            square += peek(stack.square, block) * power_of_two(2 * power)
    value, residual = _largest(stack, search, shape, 0, shape.parts, shape.parts * shape.panels * wide, square)
    at = write(record, at, value, top)
    if shape.parts > 1:
        poke(search.weight, 0, power_of_two(-peek(stack.extra, 0)))
        value, other = _largest(stack, search, shape, 1, 1, shape.panels * wide, peek(stack.square, 0))
        residual = max(residual, other)
    at = write(record, at, value, peek(stack.scale, 0) + peek(stack.extra, 0) if shape.parts > 1 else top)
    return write(record, at, residual * residual, 0)


@aside
def _largest(stack, search, shape, which, parts, rows, square):
    """Return the squared largest singular value of the first ``parts`` blocks of rows and columns, and its residual."""
    if not 0 < square < np.inf:
        return square, 0.0
    first = which * shape.parts * shape.panels * 2 * lanes(stack.data)
    goal, mixed = 1e-6 if itemsize(stack.data) == 8 else 1e-5, 0.0
    value, residual = _lanczos(stack, search, shape, first, parts, rows, mixed, goal)
    for _ in range(RESTARTS):
        if residual <= goal and (value >= 0.5 * square or mixed > 0):
            break
        if value < 0.5 * square and mixed == 0:
            mixed = 0.25
            value, residual = _lanczos(stack, search, shape, first, parts, rows, mixed, goal)
        else:
            value, residual = _lanczos(stack, search, shape, first, parts, rows, 0.0, goal)
    return value, residual


@aside
def _lanczos(stack, search, shape, first, parts, rows, mixed, goal):
    """Search from the remembered vector; remember the new one, and return σ² and ‖P Pᵀ u - σ² u‖ / σ²."""
    for row in range(rows):
        poke(search.basis, row, peek(search.start, first + row) + mixed * peek(search.generic, row))
    _normalise(search.basis, 0, rows)
    value, residual, count = 0.0, 0.0, 0
    while count < STEPS:
        _apply(stack, search, shape, parts, count * rows, (count + 1) * rows)
        poke(search.diagonal, count, _dot(search.basis, count * rows, (count + 1) * rows, rows))
        for before in range(count, -1, -1):
            _subtract(search.basis, (count + 1) * rows, before * rows, rows)
        beta = _normalise(search.basis, (count + 1) * rows, rows)
        poke(search.beside, count, beta)
        count += 1
        value = _ritz_value(search, count, value)
        residual = beta * _ritz_vector(search, count, value) / value if value > 0 else 0.0
        if residual <= goal:
            break
    clear(search.start, first, rows)
    for step in range(count):
        weight = peek(search.ritz, step)
        for row in range(rows):
            poke(
                search.start, first + row,
                peek(search.start, first + row) + weight * peek(search.basis, step * rows + row),
            )  # fmt: skip
    return value, residual


@aside
def _ritz_value(search, count, last):
    """Return the largest eigenvalue of the projected problem: Newton's method from above, where it cannot overshoot."""
    if count == 1:
        return peek(search.diagonal, 0)
    top = max(last, peek(search.diagonal, count - 1)) + peek(search.beside, count - 2)
    for _ in range(60):
        value, slope = _characteristic(search, count, top)
        change = value / slope if slope != 0 else 0.0
        top -= change
        if not abs(change) > 1e-15 * top:
            break
    return top


@kernel
def _characteristic(search, count, at):
    """Return the characteristic polynomial and its derivative, in units of powers of ``at``."""
    before, slope_before, unit = 1.0, 0.0, 1.0 / at
    value, slope = peek(search.diagonal, 0) * unit - 1.0, -1.0
    for step in range(1, count):
        one, other = peek(search.diagonal, step) * unit - 1.0, (peek(search.beside, step - 1) * unit) ** 2
        following = one * value - other * before
        slope_following = one * slope - value - other * slope_before
        before, slope_before, value, slope = value, slope, following, slope_following
    return value * at, slope


@kernel
def _ritz_vector(search, count, value):
    """Fill the eigenvector of the projected problem, last entry first; return that entry once it is normalised."""
    poke(search.ritz, count - 1, 1.0)
    square = 1.0
    for step in range(count - 1, 0, -1):
        entry = (value - peek(search.diagonal, step)) * peek(search.ritz, step)
        if step + 1 < count:
            entry -= peek(search.beside, step) * peek(search.ritz, step + 1)
        entry /= peek(search.beside, step - 1)
        poke(search.ritz, step - 1, entry)
        square += entry * entry
    factor = 1 / np.sqrt(square)
    for step in range(count):
        poke(search.ritz, step, peek(search.ritz, step) * factor)
    return factor


@aside
def _dot(vectors, one, other, count):
    total = 0.0
    for place in range(count):
        total += peek(vectors, one + place) * peek(vectors, other + place) * 1.0
    return total


@aside
def _subtract(vectors, target, other, count):
    """Make a vector orthogonal to another one of length 1."""
    share = _dot(vectors, target, other, count)
    for place in range(count):
        poke(vectors, target + place, peek(vectors, target + place) - share * peek(vectors, other + place))


@aside
def _normalise(vectors, start, count):
    """Divide a vector by its length, and return that."""
    length = np.sqrt(_dot(vectors, start, start, count))
    factor = 1 / length if length > 0 else 0.0
    for place in range(start, start + count):
        poke(vectors, place, peek(vectors, place) * factor)
    return length


@aside
def _apply(stack, search, shape, parts, source, target):
    """Set a vector of the basis to P Pᵀ times another one."""
    wide = 2 * lanes(stack.data)
    for part in range(parts):
        factor = peek(search.weight, part)
        for row in range(part * shape.panels * wide, (part + 1) * shape.panels * wide):
            poke(search.basis, target + row, peek(search.basis, source + row) * factor)
    _transposed(stack, search, shape, parts, target)
    for part in range(parts):
        for panel in range(shape.panels):
            place = (part * shape.panels + panel) * wide
            _times(stack, search, shape, parts, part, panel, target + place)


@kernel
def _transposed(stack, search, shape, parts, source):
    """Set the image to Pᵀ times a vector of the basis, column by column."""
    half = lanes(stack.data)
    for old in range(parts):
        for unit in range(shape.hidden):
            left, right, place = spread(stack.data, 0.0), spread(stack.data, 0.0), source
            for number in range(parts * shape.panels):
                at = panel_at(stack, shape, peek(stack.slots, number)) + (old * shape.padded + unit) * 2 * half
                left = fma(load(stack.data, at), load(search.basis, place), left)
                right = fma(load(stack.data, at + half), load(search.basis, place + half), right)
                place += 2 * half
            poke(search.image, old * shape.padded + unit, across(added(left, right)))


@kernel
def _times(stack, search, shape, parts, part, panel, target):
    """Write a panel's rows times the image, in their weight."""
    half, nothing = lanes(stack.data), spread(stack.data, 0.0)
    left, right, other_left, other_right = nothing, nothing, nothing, nothing
    for old in range(parts):
        at, place = block_at(stack, shape, part, old, panel), old * shape.padded
        for unit in range(0, shape.hidden - 1, 2):
            one, two = splat(search.image, place + unit), splat(search.image, place + unit + 1)
            left, right = fma(load(stack.data, at), one, left), fma(load(stack.data, at + half), one, right)
            other_left = fma(load(stack.data, at + 2 * half), two, other_left)
            other_right = fma(load(stack.data, at + 3 * half), two, other_right)
            at += 4 * half
        if shape.hidden % 2:
            one = splat(search.image, place + shape.hidden - 1)
            left, right = fma(load(stack.data, at), one, left), fma(load(stack.data, at + half), one, right)
    weight = spread(stack.data, peek(search.weight, part))
    store(search.basis, target, product(added(left, other_left), weight))
    store(search.basis, target + half, product(added(right, other_right), weight))
