"""Norms from random directions, with intervals.

With v a vector of unit normal numbers E‖vᵀG‖² = ‖G‖²_F. A mean of m such squares is close to ‖G‖² χ²_d/d, where d = m ρ
and ρ = (Σσ²)²/Σσ⁴ ≥ 1 is how many directions of G count (Satterthwaite 1946): ρ comes from the scatter of the squares,
taken over all windows and sequences together, and cannot be below 1. The logarithm of χ²_d/d has the mean ψ(d/2) -
ln(d/2), which is taken off, and the variance ψ'(d/2).

The number that is told for several windows and sequences is the mean of their logarithms (a geometric mean). Its
interval says what the directions leave open about that very number: it covers what `exact` gives for the same windows
and sequences. How much windows and sequences differ among themselves is told apart, as a spread.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special, stats

LN10 = float(np.log(10))
LEVEL = 0.95


@dataclass(frozen=True)
class Band:
    """A number by lag with its interval: value, low and high, (K,) each, float64; all in the same unit."""

    value: np.ndarray
    low: np.ndarray
    high: np.ndarray

    def at(self, place: int) -> tuple[float, float, float]:
        """Return value, low and high at a place."""
        return float(self.value[place]), float(self.low[place]), float(self.high[place])


def norms(logs: np.ndarray) -> Band:
    """Return log₁₀ ‖G‖_F by lag with 95% intervals.

    Args:
        logs: ln ‖vᵀG‖, (K, cases, directions): a case is a window of a sequence; at least two directions.

    Returns:
        Lags at which some case is exactly zero are -inf.
    """
    return _told(*_moments(logs))


def _moments(logs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the mean logarithm (nats) of ‖G‖², (K,), and the variance of that estimate."""
    directions, cases = logs.shape[2], logs.shape[1]
    top = logs.max(2, keepdims=True)
    with np.errstate(invalid="ignore", divide="ignore"):
        squares = np.exp(2 * np.where(np.isfinite(top), logs - top, -np.inf))
        mean = squares.mean(2)
        counted = effective(squares / mean[..., None])
        freedom = directions * counted[:, None]
        bias = special.digamma(freedom / 2) - np.log(freedom / 2)
        value = (np.log(mean) + 2 * top[..., 0] - bias).mean(1)
    return value, special.polygamma(1, freedom[:, 0] / 2) / cases


def effective(shares: np.ndarray) -> np.ndarray:
    """Return ρ, how many directions of G count, from squares over their mean (K, cases, directions), (K,)."""
    directions = shares.shape[2]
    scatter = np.nanmean(shares.var(2, ddof=1), 1)
    # What m squares can show of a scatter is less than it is: with ρ = 1 the relative variance 2 is seen as about
    # 2 m/(m + 2), since the mean that divides them is made of the same squares.
    seen = scatter * (directions + 2) / directions
    return np.where(np.isfinite(seen) & (seen > 0), np.maximum(2 / np.maximum(seen, 1e-12), 1.0), 1.0)


def _told(value: np.ndarray, variance: np.ndarray) -> Band:
    """Return log₁₀ of a norm from the logarithm (nats) of its square, with the interval of a χ² of that variance."""
    freedom = 2 * _inverse_trigamma(variance)
    centre = special.digamma(freedom / 2)
    tails = [np.log(stats.chi2.ppf(q, freedom) / 2) - centre for q in ((1 + LEVEL) / 2, (1 - LEVEL) / 2)]
    unit = 2 * LN10
    return Band(value / unit, (value - tails[0]) / unit, (value - tails[1]) / unit)


def _inverse_trigamma(values: np.ndarray) -> np.ndarray:
    """Return x with ψ'(x) = value, by Newton's steps from 1/2 + 1/value (which is above x)."""
    x = 0.5 + 1 / values
    for _ in range(8):
        x = x + special.polygamma(1, x) * (1 - special.polygamma(1, x) / values) / special.polygamma(2, x)
    return x


def shares(part: np.ndarray, whole: np.ndarray) -> Band:
    """Return ‖G⁽⁰⁾‖/‖G‖ by lag with 95% intervals, both from the same directions (jackknife over the directions).

    Args:
        part: ln ‖vᵀG⁽⁰⁾‖, (K, cases, directions).
        whole: ln ‖vᵀG‖, of the same shape.

    Returns:
        The geometric mean over the cases: 0 where the part is zero in one, NaN where the whole is.
    """
    directions = part.shape[2]
    with np.errstate(invalid="ignore", divide="ignore"):
        gap = _mean_square(part) - _mean_square(whole)
        left = np.stack([_mean_square(part, out) - _mean_square(whole, out) for out in range(directions)], -1)
        value = (directions * gap - (directions - 1) * left.mean(-1)).mean(1)
        value = np.where(np.isfinite(value), value, gap.mean(1))
        spread = (left - left.mean(-1, keepdims=True)).mean(1)
        error = np.sqrt((directions - 1) / directions * (spread**2).sum(-1))
        reach = stats.t.ppf((1 + LEVEL) / 2, directions - 1) * np.where(np.isfinite(error), error, 0.0)
        return Band(*(np.exp(0.5 * bound) for bound in (value, value - reach, value + reach)))


def _mean_square(logs: np.ndarray, without: int | None = None) -> np.ndarray:
    """Return the logarithm of the mean square over directions, (K, cases), maybe without one of them."""
    kept = logs if without is None else np.delete(logs, without, 2)
    return special.logsumexp(2 * kept, axis=2) - np.log(kept.shape[2])
