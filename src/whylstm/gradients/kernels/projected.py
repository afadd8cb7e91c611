"""The largest eigenvalue of the tridiagonal problem onto which Lanczos projects, and its vector.

The problem stands in ``search.diagonal`` and ``search.beside`` (see :mod:`whylstm.gradients.kernels.spectral`).
"""

from __future__ import annotations

import numpy as np

from whylstm.gradients.kernels.pointers import aside, kernel, peek, poke


@aside
def ritz_value(search, count, last):
    """Return the largest eigenvalue of the projected problem, ``last`` being that of one step less.

    Newton's method from above, where it cannot overshoot: from the largest eigenvalue of [[last, b], [b, d]], b and d
    being what the last step added, which is an upper bound, and the value itself if there are two steps. A step that
    changes the value by 1e-9 of it leaves an error of about the square of that.
    """
    if count == 1:
        return peek(search.diagonal, 0)
    half = 0.5 * (last - peek(search.diagonal, count - 1))
    top = last - half + np.sqrt(half * half + peek(search.beside, count - 2) ** 2)
    if count == 2:
        return top
    for _ in range(60):
        value, slope = _characteristic(search, count, top)
        change = value / slope if slope != 0 else 0.0
        top -= change
        if not abs(change) > 1e-9 * top:
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
def ritz_vector(search, count, value):
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
