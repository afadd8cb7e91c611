"""The lag profile, compiled: one model and one window at a time, its products small enough to stay in the cache.

The same numbers as :mod:`whylstm.gradients.profile` and :mod:`whylstm.gradients.article`, which are the oracle and the
way on other devices. What is gained: no temporary is written to memory, products that are still zero are skipped, and
rescaling, carry and norms are one pass over each product.

Inside, products are 2-D arrays (rows S, columns parts · H); ``scale`` holds the power of two beside each, as a whole
number, and ``ZERO`` marks a product that is exactly zero.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numba import njit
from torch import Tensor

from whylstm.gradients.article import ARTICLE
from whylstm.gradients.factors import Factors
from whylstm.gradients.scaled import LOG10_2

ZERO = -(1 << 40)


def profile(factors: Factors, ends: list[int], lags: int, hops: int = 8) -> dict[str, Tensor]:
    """Return what :func:`whylstm.gradients.profile.profile` and ``article_profile`` return, in one dict."""
    if min(ends) < lags or max(ends) > factors.steps:
        raise ValueError(f"windows {ends} must end between the largest lag {lags} and the last step {factors.steps}")
    names = columns(factors.parts, hops, with_article=factors.exposure is not None)
    models = factors.matrices.shape[0]
    out = np.full((lags, models, len(ends), len(names)), -np.inf)
    for model in range(models):
        arrays = _arrays(factors, model)
        for window, end in enumerate(ends):
            _window(*arrays, end, lags, hops, out[:, model, window])
    return {name: torch.from_numpy(out[..., index].copy()) for index, name in enumerate(names)}


def columns(parts: tuple[str, ...], hops: int, *, with_article: bool) -> list[str]:
    """Return the names of the kernel's output columns, in order."""
    blocks = [f"{old}_to_{new}" for new in parts for old in parts]
    carry = [f"carry_{part}_to_{part}" for part in parts]
    return ["norm", *blocks, *(f"hop_{r}" for r in range(hops + 1)), "hop_rest", *carry, *ARTICLE * with_article]


def _arrays(factors: Factors, model: int) -> tuple[Any, ...]:
    """Return one model's factors as arrays: carry and its (new, old), mix and its (new, gate), U, exposure, parts."""
    dtype, like = factors.matrices.numpy().dtype, (factors.steps, 0, factors.hidden)

    def stack(blocks: dict[tuple[str, str], Tensor], old: tuple[str, ...]) -> tuple[np.ndarray, np.ndarray]:
        index = [(factors.parts.index(new), old.index(name)) for new, name in blocks]
        values = [block[:, model].numpy() for block in blocks.values()]
        array = np.stack(values, axis=1) if values else np.zeros(like)
        return np.ascontiguousarray(array, dtype), np.array(index, np.int64).reshape(-1, 2)

    exposure = factors.exposed[:, model].numpy() if factors.exposure is not None else np.zeros((0, factors.hidden))
    return (
        *stack(factors.carry, factors.parts),
        *stack(factors.mix, factors.gates),
        np.ascontiguousarray(factors.matrices[model].numpy()),
        np.ascontiguousarray(exposure, dtype),
        len(factors.parts),
    )


_jit: Any = njit(cache=True, nogil=True, fastmath={"reassoc", "contract", "nsz"})


@_jit
def _window(carry, carry_index, mix, mix_index, matrices, exposure, parts, end, lags, hops, out):
    """Fill ``out`` (lags, columns) for the window that ends at step ``end``."""
    hidden, members = carry.shape[2], hops + 3
    size = parts * hidden
    dtype = matrices.dtype
    products, scale = np.zeros((members, size, size), dtype), np.full(members, ZERO)
    for member in range(2):
        scale[member] = 0
        for row in range(size):
            products[member, row, row] = 1
    column, from_self, from_below = (
        np.zeros((size, hidden), dtype),
        np.zeros((size, hidden), dtype),
        np.zeros((size, hidden), dtype),
    )
    square = np.zeros((members, parts, parts))
    article = _article_start(exposure, end, hidden, dtype)
    for lag in range(lags):
        time = end - 1 - lag
        _assemble(column, mix[time], mix_index, matrices)
        for member in range(members - 1, -1, -1):
            _advance(products, scale, member, column, carry[time], carry_index, from_self, from_below, square)
        _write_norms(out[lag], square, scale, parts, hops)
        if exposure.shape[0]:
            _article_step(out[lag], article, column, exposure[time], carry[time], carry_index, products[0], scale[0])


@_jit
def _assemble(column, mix, mix_index, matrices):
    """Set ``column`` (S, H) to Σ_g D(mix[p, g]) U_g, part below part."""
    hidden = column.shape[1]
    column[:] = 0
    for entry in range(mix_index.shape[0]):
        first, gate = mix_index[entry, 0] * hidden, mix_index[entry, 1]
        for row in range(hidden):
            _add(column[first + row], matrices[gate, row], mix[entry, row])


@_jit
def _advance(products, scale, member, column, carry, carry_index, from_self, from_below, square):
    """Take one product a step further back; members are total, hop 0 ... n, rest, visited from last to first."""
    rest = products.shape[0] - 1
    own = scale[member] > ZERO and (member == 0 or member == rest)
    below = member >= 2 and scale[member - 1] > ZERO
    top = max(scale[member], scale[member - 1] if member >= 2 else ZERO)
    if top == ZERO:
        square[member] = 0
        return
    if own:
        np.dot(products[member], column, from_self)
    if below:
        np.dot(products[member - 1], column, from_below)
    kept, lifted = _power(scale[member] - top), 0.0
    if below:
        lifted = _power(scale[member - 1] - top)
    _one_pass(products[member], carry, carry_index, kept, from_self, own, lifted, from_below, square[member])
    scale[member] = top
    _keep_in_range(products[member], square[member], scale, member)


@_jit
def _power(shift):
    return 2.0**shift if shift > -1000 else 0.0


@_jit
def _one_pass(product, carry, carry_index, kept, from_self, own, lifted, from_below, square):
    """Replace P by kept · (P K + from_self) + lifted · from_below; fill the squared norms of its blocks."""
    hidden, factor, other = from_self.shape[1], product.dtype.type(kept), product.dtype.type(lifted)
    old = np.empty(product.shape[1], product.dtype)
    square[:] = 0
    for row in range(product.shape[0]):
        new = product[row]
        for unit in range(new.size):
            old[unit] = new[unit] * factor
            new[unit] = 0
        if own:
            _add(new[:hidden], from_self[row], factor)
        if lifted != 0:
            _add(new[:hidden], from_below[row], other)
        for entry in range(carry_index.shape[0]):
            source, target = carry_index[entry, 0] * hidden, carry_index[entry, 1] * hidden
            _add_product(new[target : target + hidden], old[source : source + hidden], carry[entry])
        for part in range(square.shape[1]):
            square[row // hidden, part] += _square(new[part * hidden : (part + 1) * hidden])


# The loops below run over whole views from zero: an index with an offset could be negative, and would not vectorise.


@_jit
def _add(target, addend, factor):
    for unit in range(target.size):
        target[unit] += addend[unit] * factor


@_jit
def _add_product(target, one, other):
    for unit in range(target.size):
        target[unit] += one[unit] * other[unit]


@_jit
def _square(values):
    total = 0.0
    for unit in range(values.size):
        total += np.float64(values[unit]) ** 2
    return total


@_jit
def _keep_in_range(product, square, scale, member):
    """Rescale a product whose norm has left [2^-32, 2^16]; only then is a pass over it spent.

    So the next step may multiply by 1e+300 (1e+33 in float32) and still be a number.
    """
    size = square.sum()
    if 2.0**-64 < size < 2.0**32:
        return
    scale[member] = _rescale(product, scale[member])
    hidden = product.shape[0] // square.shape[0]
    for new in range(square.shape[0]):
        for old in range(square.shape[1]):
            block = product[new * hidden : (new + 1) * hidden, old * hidden : (old + 1) * hidden]
            square[new, old] = _sum_of_squares(block)


@_jit
def _log10(square, scale):
    return -np.inf if square == 0 else 0.5 * np.log10(square) + scale * LOG10_2


@_jit
def _write_norms(out, square, scale, parts, hops):
    """Write the norms of one lag in the order of :func:`columns`."""
    out[0] = _log10(square[0].sum(), scale[0])
    position = 1
    for new in range(parts):
        for old in range(parts):
            out[position] = _log10(square[0, new, old], scale[0])
            position += 1
    for member in range(1, hops + 3):
        out[position] = _log10(square[member].sum(), scale[member])
        position += 1
    for part in range(parts):
        out[position] = _log10(square[1, part, part], scale[1])
        position += 1


@_jit
def _article_start(exposure, end, hidden, dtype):
    """Return the article's running products: article and detour (H, H), kept (H, 1) = D(d_t) Π f, and their scales."""
    article, detour = np.eye(hidden).astype(dtype), np.eye(hidden).astype(dtype)
    kept = np.ones((hidden, 1), dtype)
    if exposure.shape[0]:
        kept[:, 0] = exposure[end - 1]
    return article, detour, kept, np.zeros(3, np.int64)


@_jit
def _article_step(out, state, column, exposure, carry, carry_index, truth, truth_scale):
    """Advance the article's products by one lag and write their norms to the last five columns."""
    article, detour, kept, scale = state
    hidden = exposure.shape[0]
    into_h, into_c = column[:hidden], column[hidden : 2 * hidden]
    carousel = kept * into_c
    article[:] = np.dot(article, into_h)
    scale[0] = _rescale(article, scale[0])
    detour[:] = np.dot(detour, exposure.reshape(-1, 1) * into_c)
    scale[1] = _rescale(detour, scale[1])
    first = out.shape[0] - 5
    out[first] = _log_norm(article, scale[0])
    out[first + 1] = _log_difference(truth[:hidden, :hidden], truth_scale, article, scale[0])
    out[first + 2] = _log_norm(detour, scale[1])
    out[first + 3] = _log_norm(carousel, scale[2])
    out[first + 4] = _log_difference(detour, scale[1], carousel, scale[2])
    for entry in range(carry_index.shape[0]):
        if carry_index[entry, 0] == 1 and carry_index[entry, 1] == 1:
            kept[:, 0] *= carry[entry]
    scale[2] = _rescale(kept, scale[2])


@_jit
def _rescale(matrix, scale):
    """Rescale in place to a largest entry in [1/2, 1) and return the new scale; what is no number stays as it is."""
    largest = np.abs(matrix).max()
    if largest == 0 or scale == ZERO:
        return ZERO
    if not np.isfinite(largest):
        return scale
    shift = np.int64(np.floor(np.log2(largest))) + 1
    half = shift // 2  # in two steps: the power of two that takes the smallest number to one is itself none
    matrix *= matrix.dtype.type(2.0 ** (-half))
    matrix *= matrix.dtype.type(2.0 ** (half - shift))
    return scale + shift


@_jit
def _sum_of_squares(matrix):
    total = 0.0
    for row in range(matrix.shape[0]):
        total += _square(matrix[row])
    return total


@_jit
def _log_norm(matrix, scale):
    return _log10(_sum_of_squares(matrix), scale)


@_jit
def _log_difference(one, one_scale, other, other_scale):
    """Return log₁₀ ‖one - other‖ for two matrices with scales of their own."""
    top = max(one_scale, other_scale)
    if top == ZERO:
        return -np.inf
    left, right = _power(one_scale - top), _power(other_scale - top)
    total = 0.0
    for row in range(one.shape[0]):
        for column in range(one.shape[1]):
            total += (left * one[row, column] - right * other[row, column]) ** 2
    return _log10(total, top)
