"""One step's Jacobian, made ready for the products: numbers in range, and the recurrent column put together."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from whylstm.gradients.factors import Blocks, Factors
from whylstm.gradients.kernels.layout import Sizes, aligned, padded, panels_of
from whylstm.gradients.kernels.pointers import aside, itemsize, kernel, peek, poke
from whylstm.gradients.kernels.scalars import ZERO, clear, largest_exponent, times_power
from whylstm.gradients.kernels.simd import LINE_BYTES, added, fma, lanes, line, load, product, splat, store

TAMEST, WILDEST = -24, 8
"""Rows of J whose largest entry is between these powers of two are used as they are: no sum of squares overflows."""


class Model(NamedTuple):
    """The factors of B models as the kernels read them; all arrays are flat.

    Attributes:
        carry: (entries, T, B, H) in float64, in the order of the old parts.
        carry_index: (entries, 2), the new and the old part of each.
        mix: (entries, T, B, H) in float64, in the order of the new parts.
        mix_index: (entries, 2), the new part and the gate of each.
        exposure: (T, B, H) in float64, empty for a cell without a memory behind its output.
        matrices: U of a group of models in the dtype of the products, largest entries in [1/2, 1), as
            ``[model][gate][line][row][column of the line]``.
        power: (models of the group, gates), the powers of two that were taken out of U.
    """

    carry: np.ndarray
    carry_index: np.ndarray
    mix: np.ndarray
    mix_index: np.ndarray
    exposure: np.ndarray
    matrices: np.ndarray
    power: np.ndarray


def sizes(factors: Factors, hops: int | None, dtype: np.dtype[Any]) -> Sizes:
    """Return the shapes for products of a dtype; ``hops`` is None where paths are not told apart."""
    return Sizes(
        parts=len(factors.parts),
        hidden=factors.hidden,
        padded=padded(factors.hidden, dtype),
        panels=panels_of(factors.hidden, dtype),
        members=1 if hops is None else hops + 2,
        steps=factors.steps,
        models=factors.matrices.shape[0],
        carries=len(factors.carry),
        mixes=len(factors.mix),
        gates=len(factors.gates),
    )


def models(factors: Factors) -> Model:
    """Return the factors of all models, their matrices left out."""
    carry, carry_index = _stacked(factors, factors.carry, factors.parts, by=1)
    mix, mix_index = _stacked(factors, factors.mix, factors.gates, by=0)
    exposure = np.zeros(0) if factors.exposure is None else factors.exposure.double().numpy().ravel()
    nothing = np.zeros(0)
    return Model(carry, carry_index, mix, mix_index, exposure, nothing, nothing.astype(np.int64))


def with_matrices(model: Model, factors: Factors, group: slice, dtype: np.dtype[Any]) -> Model:
    """Return the same factors with the matrices of a group of models, in lines, and their powers of two beside them."""
    plain = factors.matrices[group].numpy()
    largest = np.abs(plain).max(axis=(2, 3), initial=0.0).astype(np.float64)
    power = np.where(np.isfinite(largest), np.frexp(largest)[1], 0).astype(np.int64)
    power[largest == 0] = ZERO
    models, gates, hidden, _ = plain.shape
    across, side = padded(hidden, dtype) // line(dtype), line(dtype)
    matrices = aligned(models * gates * across * side * hidden, dtype)
    lines = matrices.reshape(models, gates, across, hidden, side)
    scaled = _scaled(plain, -np.maximum(power, -2000)[:, :, None, None])
    for number in range(across):
        columns = scaled[..., number * side : (number + 1) * side]
        lines[:, :, number, :, : columns.shape[-1]] = columns
    return model._replace(matrices=matrices, power=power.ravel())


def _scaled(matrices: np.ndarray, power: np.ndarray) -> np.ndarray:
    """Return matrices · 2**power in float64, in two steps: 2**1074, which the smallest number needs, is itself none."""
    half = power // 2
    return matrices * np.exp2(half) * np.exp2(power - half)


def _stacked(factors: Factors, blocks: Blocks, old: tuple[str, ...], by: int) -> tuple[np.ndarray, np.ndarray]:
    """Return diagonals as one flat array, and their index pairs, in the order of the pairs' element ``by``."""
    pairs = {key: (factors.parts.index(key[0]), old.index(key[1])) for key in blocks}
    keys = sorted(blocks, key=lambda key: (pairs[key][by], pairs[key]))
    array = np.empty((len(keys), factors.steps, factors.matrices.shape[0], factors.hidden))
    for row, key in zip(array, keys, strict=True):
        row[...] = blocks[key].numpy()
    return array.ravel(), np.array([pairs[key] for key in keys], np.int64).ravel()


@kernel
def read_step(step, model, shape, time, which, inner):
    """Fill ``step`` with the Jacobian of one model, the ``inner``-th of its group, at one time (zero-based)."""
    hidden = shape.hidden
    for part in range(shape.parts):
        poke(step.power, part, _power(model, shape, part, time, which, inner))
    for entry in range(shape.carries):
        power = -peek(step.power, peek(model.carry_index, 2 * entry))
        times_power(step.exact, entry * hidden, model.carry, _start(shape, entry, time, which), hidden, power)
    times_power(step.carry, 0, step.exact, 0, shape.carries * hidden, 0)
    for entry in range(shape.mixes):
        power = peek(model.power, inner * shape.gates + peek(model.mix_index, 2 * entry + 1))
        power -= peek(step.power, peek(model.mix_index, 2 * entry))
        times_power(step.mix, entry * hidden, model.mix, _start(shape, entry, time, which), hidden, power)
    _assemble(step, model, shape, inner)


@kernel
def _start(shape, entry, time, which):
    """Return where a diagonal begins."""
    return ((entry * shape.steps + time) * shape.models + which) * shape.hidden


@kernel
def _power(model, shape, part, time, which, inner):
    """Return the power of two to take out of J's rows of one part: none as long as they are tame."""
    top = ZERO
    for entry in range(shape.carries):
        if peek(model.carry_index, 2 * entry) == part:
            top = max(top, largest_exponent(model.carry, _start(shape, entry, time, which), shape.hidden))
    for entry in range(shape.mixes):
        if peek(model.mix_index, 2 * entry) == part:
            size = largest_exponent(model.mix, _start(shape, entry, time, which), shape.hidden)
            top = max(top, size + peek(model.power, inner * shape.gates + peek(model.mix_index, 2 * entry + 1)))
    return 0 if top < ZERO // 2 or TAMEST <= top <= WILDEST else top


@kernel
def _assemble(step, model, shape, inner):
    """Set the column to Σ_g D(mix[p, g]) U_g, line by line, so that a line of every U is read into the cache once."""
    side = LINE_BYTES // itemsize(step.column) * shape.hidden
    size = shape.padded * shape.hidden
    group = inner * shape.gates * size
    for start in range(0, size, side):
        entry = 0
        for part in range(shape.parts):
            target, first = part * size + start, entry
            while entry < shape.mixes and peek(model.mix_index, 2 * entry) == part:
                one = group + peek(model.mix_index, 2 * entry + 1) * size + start
                if entry + 1 < shape.mixes and peek(model.mix_index, 2 * entry + 2) == part:
                    two = group + peek(model.mix_index, 2 * entry + 3) * size + start
                    _add_two(step, model.matrices, shape, target, entry, one, two, entry > first)
                    entry += 2
                else:
                    _add_one(step, model.matrices, shape, target, entry, one, entry > first)
                    entry += 1
            if entry == first:
                clear(step.column, target, side)


@aside
def _add_one(step, matrices, shape, target, entry, source, add):
    """Set a line of the column, or add to it, that of a scaled matrix."""
    side = LINE_BYTES // itemsize(step.column)
    for unit in range(shape.hidden):
        weight = splat(step.mix, entry * shape.hidden + unit)
        for lane in range(0, side, lanes(step.column)):
            value = product(load(matrices, source + lane), weight)
            if add:
                value = added(load(step.column, target + lane), value)
            store(step.column, target + lane, value)
        target, source = target + side, source + side


@aside
def _add_two(step, matrices, shape, target, entry, source, other, add):
    """Set a line of the column, or add to it, that of two scaled matrices."""
    side = LINE_BYTES // itemsize(step.column)
    for unit in range(shape.hidden):
        one = splat(step.mix, entry * shape.hidden + unit)
        two = splat(step.mix, (entry + 1) * shape.hidden + unit)
        for lane in range(0, side, lanes(step.column)):
            value = product(load(matrices, source + lane), one)
            value = fma(load(matrices, other + lane), two, value)
            if add:
                value = added(load(step.column, target + lane), value)
            store(step.column, target + lane, value)
        target, source, other = target + side, source + side, other + side
