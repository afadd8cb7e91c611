"""What is written for each lag: squared norms and the powers of two beside them. Logarithms are taken at the end."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from whylstm.gradients.kernels.pointers import kernel, peek, poke
from whylstm.gradients.kernels.scalars import ZERO, power_of_two
from whylstm.gradients.scaled import LOG10_2


class Record(NamedTuple):
    """Norms, flat, in whatever order they are written: each is sqrt(square) · 2**power."""

    square: np.ndarray
    power: np.ndarray


def record(count: int) -> Record:
    """Return room for so many norms."""
    return Record(np.zeros(count), np.zeros(count, np.int64))


def log10(found: Record) -> np.ndarray:
    """Return log₁₀ of all norms; -inf for zero."""
    with np.errstate(divide="ignore"):
        logs = np.log10(found.square)
    return 0.5 * logs + found.power * LOG10_2


@kernel
def write(record, at, square, power):
    """Write one norm and return the next place."""
    poke(record.square, at, square)
    poke(record.power, at, power)
    return at + 1


@kernel
def write_whole(record, at, product, shape, member):
    """Write the norm of all blocks of one member of a Stack (or of a Carried) together; return the next place."""
    rows, top, total = range(member * shape.parts, (member + 1) * shape.parts), ZERO, 0.0
    for row in rows:
        for block in range(row * shape.parts, (row + 1) * shape.parts):
            if peek(product.square, block) != 0:
                top = max(top, peek(product.scale, row) + peek(product.extra, block))
    for row in rows:
        for block in range(row * shape.parts, (row + 1) * shape.parts):
            if peek(product.square, block) != 0:
                power = peek(product.scale, row) + peek(product.extra, block) - top
                total += peek(product.square, block) * power_of_two(2 * power)
    return write(record, at, total, top)


@kernel
def write_block(record, at, product, shape, row, old):
    """Write the norm of one block; return the next place."""
    block = row * shape.parts + old
    return write(record, at, peek(product.square, block), peek(product.scale, row) + peek(product.extra, block))
