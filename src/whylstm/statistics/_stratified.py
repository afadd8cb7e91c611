"""Rank correlation within strata, pooled, with a bootstrap over the units that are independent.

Within each stratum both columns are replaced by their ranks, divided by their number (so that strata of different size
count alike per row). The correlation is that of the ranks about their stratum's mean, all strata together: with one
stratum it is Spearman's. A stratum in which either column does not vary says nothing and is left out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from whylstm.statistics import _median

DRAWS = 2000
FEWEST = 5
"""Resampled units below which no interval is given: their percentiles would say little."""

ROUNDING = 1e-9
"""Sums of squares about a mean that are no larger are those of equal ranks, which are at most 1."""


@dataclass(frozen=True)
class Association:
    """A pooled rank correlation: what it is, its interval (NaN where none is given), and what is behind it.

    Attributes:
        correlation: between -1 and 1; NaN if no stratum says anything.
        low: lower end of the 95% percentile interval over resampled units.
        high: its upper end.
        n: rows in the strata that say something.
        strata: how many these are.
        units: how many units they hold.
    """

    correlation: float
    low: float
    high: float
    n: int
    strata: int
    units: int


def associate(
    x: np.ndarray, y: np.ndarray, stratum: np.ndarray, unit: np.ndarray, rng: np.random.Generator
) -> Association:
    """Return the association of two columns.

    Args:
        x: (N,), infinite values allowed; rows in which either column is NaN are left out.
        y: (N,), as x.
        stratum: (N,) int64, the stratum of each row.
        unit: (N,) int64, the unit of each row.
        rng: what the units are drawn with, with replacement; ranks stay those of the whole sample.
    """
    known = ~(np.isnan(x) | np.isnan(y))
    ranks = _ranks(x[known], y[known], stratum[known])
    says = ~np.isnan(ranks[0])
    if not says.any():
        return Association(np.nan, np.nan, np.nan, 0, 0, 0)
    sums = _sums(ranks[:, says], stratum[known][says], unit[known][says])
    strata, units = sums.shape[:2]
    found = float(_pooled(sums.sum(axis=1)[None])[0])
    low, high = _interval(sums, rng) if units >= FEWEST else (np.nan, np.nan)
    return Association(found, low, high, int(says.sum()), strata, units)


def _ranks(x: np.ndarray, y: np.ndarray, stratum: np.ndarray) -> np.ndarray:
    """Return both columns as ranks within their stratum, (2, N); NaN where one does not vary there."""
    from scipy.stats import rankdata

    ranks = np.full((2, len(x)), np.nan)
    for one in np.unique(stratum):
        here = stratum == one
        pair = np.stack([x[here], y[here]])
        if (pair != pair[:, :1]).any(axis=1).all():
            ranks[:, here] = rankdata(pair, axis=1) / pair.shape[1]
    return ranks


def _sums(ranks: np.ndarray, stratum: np.ndarray, unit: np.ndarray) -> np.ndarray:
    """Return the sums of 1, x, y, x², y² and xy by stratum and unit, (S, U, 6)."""
    x, y = ranks
    places = tuple(np.unique(codes, return_inverse=True)[1] for codes in (stratum, unit))
    sums = np.zeros((places[0].max() + 1, places[1].max() + 1, 6))
    np.add.at(sums, places, np.stack([np.ones_like(x), x, y, x * x, y * y, x * y], axis=1))
    return sums


def _pooled(sums: np.ndarray) -> np.ndarray:
    """Return the correlation about the strata's means from sums (..., S, 6); NaN where nothing varies."""
    n, x, y, xx, yy, xy = np.moveaxis(sums, -1, 0)
    n = np.maximum(n, 1.0)  # a stratum that was not drawn has sums of zero
    together, first, second = ((product - a * b / n).sum(-1) for product, a, b in ((xy, x, y), (xx, x, x), (yy, y, y)))
    varies = (first > ROUNDING) & (second > ROUNDING)
    return np.where(varies, together / np.sqrt(np.where(varies, first * second, 1.0)), np.nan)


def _interval(sums: np.ndarray, rng: np.random.Generator) -> tuple[float, float]:
    """Return the percentile interval; draws in which nothing varies are left out."""
    units = sums.shape[1]
    counts = rng.multinomial(units, np.full(units, 1 / units), size=DRAWS).astype(float)
    drawn = _pooled(np.einsum("du,sum->dsm", counts, sums))
    tail = (1 - _median.LEVEL) / 2
    low, high = np.nanquantile(drawn, [tail, 1 - tail])
    return float(low), float(high)
