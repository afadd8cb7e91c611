"""The largest singular value of a product: Lanczos on P Pᵀ, started from the last lag's left singular vector.

Going back in time multiplies P from the right, so its left singular vectors settle while the right ones turn on, and
one step is enough most of the time. What is found is a singular value up to its residual; that it is the largest is
certain as soon as its square is half of ‖P‖_F², since the others share the rest. Until then a little of a fixed generic
vector is mixed into the start, so that no direction is missed, and the search takes more steps.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from whylstm.gradients.kernels.layout import Sizes, aligned
from whylstm.gradients.kernels.norms import write
from whylstm.gradients.kernels.pointers import aside, itemsize, kernel, peek, poke
from whylstm.gradients.kernels.projected import ritz_value, ritz_vector
from whylstm.gradients.kernels.ranges import block_at, panel_at, panels_in
from whylstm.gradients.kernels.scalars import ZERO, clear, power_of_two
from whylstm.gradients.kernels.simd import (
    across,
    added,
    fma,
    lanes,
    load,
    product,
    splat,
    spread,
    store,
    store_sums,
    width,
)

STEPS = 32
"""Steps of Lanczos before it is started again from what it has found."""

RESTARTS = 4

MIXED, LEAST = 0.1, 4
"""What is mixed into the start, in units of the last lag's vector, and steps that are made then, whatever the residual:
a residual is also small if the start has too little of the right direction, and steps bring that out."""


class Search(NamedTuple):
    """What is remembered from lag to lag, and room for the search.

    Attributes:
        start: (2, rows), the left singular vectors of the whole and of the h → h block, rows as in the panels.
        generic: (rows,), a fixed vector with something of every direction.
        basis: (STEPS + 1, rows).
        image: (parts, padded), Pᵀ times a vector.
        weight: (parts,) in float64, what the rows of each part are multiplied with.
        diagonal: (STEPS,), beside: (STEPS,), ritz: (STEPS,), all in float64: the projected problem.
        ruled: (2,), whether the largest value was half of the whole at the last lag, of the whole and of the block.
    """

    start: np.ndarray
    generic: np.ndarray
    basis: np.ndarray
    image: np.ndarray
    weight: np.ndarray
    diagonal: np.ndarray
    beside: np.ndarray
    ritz: np.ndarray
    ruled: np.ndarray


def search(shape: Sizes, dtype: np.dtype[Any]) -> Search:
    """Return room for the search."""
    rows = shape.parts * shape.panels * width(dtype)
    room = Search(
        *(aligned(count, dtype) for count in (2 * rows, rows, (STEPS + 1) * rows, shape.parts * shape.padded)),
        *(np.zeros(count) for count in (shape.parts, STEPS, STEPS, STEPS, 2)),
    )
    inside = np.arange(shape.panels * width(dtype)) < shape.hidden
    wave = np.sin(np.arange(1, rows + 1) ** 2.0)
    room.generic[:] = (wave + np.sign(wave)) * np.tile(inside, shape.parts)  # no entry is small
    room.generic[:] /= np.sqrt(np.sum(room.generic.astype(np.float64) ** 2))
    return room


@aside
def start_search(search, shape):
    """Forget the last window."""
    clear(search.ruled, 0, 2)
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
    goal = 1e-6 if itemsize(stack.data) == 8 else 1e-5
    mixed = 0.0 if peek(search.ruled, which) > 0 else MIXED
    value, residual = _lanczos(stack, search, shape, first, parts, rows, mixed, goal)
    for _ in range(RESTARTS):
        if residual <= goal and (value >= 0.5 * square or mixed > 0):
            break
        if value < 0.5 * square and mixed == 0:
            mixed = MIXED
            value, residual = _lanczos(stack, search, shape, first, parts, rows, mixed, goal)
        else:
            value, residual = _lanczos(stack, search, shape, first, parts, rows, 0.0, goal)
    poke(search.ruled, which, 1 if value >= 0.5 * square else 0)
    return value, residual


@aside
def _lanczos(stack, search, shape, first, parts, rows, mixed, goal):
    """Search from the remembered vector; remember the new one, and return σ² and ‖P Pᵀ u - σ² u‖ / σ²."""
    _mix(stack, search, shape, first, parts, mixed)
    _normalise(search.basis, 0, rows)
    value, residual, count = 0.0, 0.0, 0
    while count < STEPS:
        _apply(stack, search, shape, parts, count * rows, (count + 1) * rows)
        poke(search.diagonal, count, _dot(search.basis, count * rows, (count + 1) * rows, rows))
        for before in range(count, -1, -1):
            share = _dot(search.basis, (count + 1) * rows, before * rows, rows)
            _add(search.basis, (count + 1) * rows, search.basis, before * rows, rows, -share)
        beta = _normalise(search.basis, (count + 1) * rows, rows)
        poke(search.beside, count, beta)
        count += 1
        value = ritz_value(search, count, value)
        residual = beta * ritz_vector(search, count, value) / value if value > 0 else 0.0
        if residual <= goal and (count >= LEAST or mixed == 0 or not beta > 0):
            break
    clear(search.start, first, rows)
    for step in range(count):
        _add(search.start, first, search.basis, step * rows, rows, peek(search.ritz, step))
    return value, residual


@kernel
def _mix(stack, search, shape, first, parts, mixed):
    """Set the first vector of the basis to the remembered one and something of every row that is in use."""
    long, share, nothing = shape.panels * 2 * lanes(stack.data), spread(stack.data, mixed), spread(stack.data, 0.0)
    for part in range(parts):
        used = part * long + peek(stack.live, part) * lanes(stack.data)
        for row in range(part * long, (part + 1) * long, lanes(stack.data)):
            other = share if row < used else nothing
            store(search.basis, row, fma(load(search.generic, row), other, load(search.start, first + row)))


@kernel
def _dot(vectors, one, other, count):
    """Return the product of two vectors, in their dtype, lane by lane and then across."""
    left, right, half = spread(vectors, 0.0), spread(vectors, 0.0), lanes(vectors)
    for place in range(0, count, 2 * half):
        left = fma(load(vectors, one + place), load(vectors, other + place), left)
        right = fma(load(vectors, one + half + place), load(vectors, other + half + place), right)
    return across(added(left, right)) * 1.0


@kernel
def _add(vectors, target, pointer, source, count, factor):
    """Add ``factor`` times a vector to another one."""
    weight = spread(vectors, factor)
    for place in range(0, count, lanes(vectors)):
        value = fma(load(pointer, source + place), weight, load(vectors, target + place))
        store(vectors, target + place, value)


@kernel
def _normalise(vectors, start, count):
    """Divide a vector by its length, and return that."""
    length = np.sqrt(_dot(vectors, start, start, count))
    weight = spread(vectors, 1 / length if length > 0 else 0.0)
    for place in range(start, start + count, lanes(vectors)):
        store(vectors, place, product(load(vectors, place), weight))
    return length


@aside
def _apply(stack, search, shape, parts, source, target):
    """Set a vector of the basis to P Pᵀ times another one."""
    wide = 2 * lanes(stack.data)
    for part in range(parts):
        factor = spread(stack.data, peek(search.weight, part))
        for row in range(part * shape.panels * wide, (part + 1) * shape.panels * wide, lanes(stack.data)):
            store(search.basis, target + row, product(load(search.basis, source + row), factor))
    _transposed(stack, search, shape, parts, target)
    for part in range(parts):
        for panel in range(panels_in(stack, part)):
            place = (part * shape.panels + panel) * wide
            _times(stack, search, shape, parts, part, panel, target + place)


@kernel
def _transposed(stack, search, shape, parts, source):
    """Set the image to Pᵀ times a vector of the basis, column by column."""
    half, wide = lanes(stack.data), 2 * lanes(stack.data)
    for old in range(parts):
        for unit in range(0, shape.hidden, 4):  # what stands beyond H is zero
            nothing = spread(stack.data, 0.0)
            one, two, three, four = nothing, nothing, nothing, nothing
            for part in range(parts):
                for number in range(part * shape.panels, part * shape.panels + panels_in(stack, part)):
                    place = source + number * wide
                    at = panel_at(stack, shape, peek(stack.slots, number)) + (old * shape.padded + unit) * wide
                    for lane in range(0, wide, half):
                        row = load(search.basis, place + lane)
                        one = fma(load(stack.data, at + lane), row, one)
                        two = fma(load(stack.data, at + wide + lane), row, two)
                        three = fma(load(stack.data, at + 2 * wide + lane), row, three)
                        four = fma(load(stack.data, at + 3 * wide + lane), row, four)
            store_sums(search.image, old * shape.padded + unit, one, two, three, four)


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
