"""Medians with distribution-free intervals, for numbers that may be infinite or missing.

The logarithm of an exact zero is -inf, a memory beyond the last lag is inf: both are results. Nothing here interpolates
between two values (which would turn -inf into NaN); NaN means that there is no value, and is left out.

The interval of the median is made of order statistics: of n independent values, x_(l) ... x_(n+1-l) encloses the true
median with probability 1 - 2 P(Bin(n, ½) < l), whatever the distribution. The largest l is taken that reaches the
nominal level; below six values none does, and the whole range is given with the coverage that it has.
"""

from __future__ import annotations

import functools

import numpy as np

LEVEL = 0.95
"""Nominal coverage of every interval."""

BAND = (0.16, 0.84)
"""The quantiles of a band, one standard deviation either way where values are normal."""


@functools.cache
def rank(n: int) -> tuple[int, float]:
    """Return l, from 1, of the order statistics that enclose the median of n values, and their exact coverage.

    >>> rank(10)[0], round(rank(10)[1], 4), rank(5)
    (2, 0.9785, (1, 0.9375))
    """
    from scipy.special import bdtr  # scipy.stats has it too, and takes half a second of each job to import

    below = bdtr(np.arange(n + 1), n, 0.5)  # P(Bin(n, 1/2) <= k)
    chosen = max(int(np.searchsorted(below, (1 - LEVEL) / 2)), 1)
    return chosen, max(float(1 - 2 * below[chosen - 1]), 0.0)


def summary(values: np.ndarray) -> dict[str, np.ndarray]:
    """Return median, interval, number of values and coverage along the first axis.

    Args:
        values: (R, ...) float64, one entry per replicate; NaN where there is none.

    Returns:
        ``median``, ``low``, ``high`` (NaN where there is no value), ``n`` and ``coverage``, each (...).
    """
    ordered, n = _ordered(values)
    ranks = np.array([rank(int(count)) for count in range(len(values) + 1)])
    lower = ranks[n, 0].astype(int)
    return {
        "median": _middle(ordered, n),
        "low": _pick(ordered, lower - 1),
        "high": _pick(ordered, n - lower),
        "n": n,
        "coverage": np.where(n > 0, ranks[n, 1], 0.0),
    }


def median(values: np.ndarray) -> np.ndarray:
    """Return the median along the first axis, over what is not NaN."""
    return _middle(*_ordered(values))


def quantile(values: np.ndarray, share: float) -> np.ndarray:
    """Return the smallest value along the first axis that at least this share of the values do not exceed."""
    ordered, n = _ordered(values)
    # the product is exact to 1e-13; without the slack, 0.16 * 25 = 4.0000000000000001 would be the fifth value
    return _pick(ordered, np.ceil(share * n - 1e-9).astype(int) - 1)


def _ordered(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the values sorted along the first axis, NaN last, and how many are not NaN."""
    values = np.asarray(values, dtype=np.float64)
    return np.sort(values, axis=0), np.count_nonzero(~np.isnan(values), axis=0)


def _pick(ordered: np.ndarray, index: np.ndarray) -> np.ndarray:
    """Return one entry of each column; a column without values gives its first entry, NaN."""
    if len(ordered) == 0:
        return np.full(ordered.shape[1:], np.nan)
    return np.take_along_axis(ordered, np.maximum(index, 0)[None], axis=0)[0]


def _middle(ordered: np.ndarray, n: np.ndarray) -> np.ndarray:
    lower, upper = _pick(ordered, (n - 1) // 2), _pick(ordered, n // 2)
    # equal infinities have no difference; and half the sum could overflow, the sum of halves not
    return np.where(lower == upper, lower, lower / 2 + upper / 2)
