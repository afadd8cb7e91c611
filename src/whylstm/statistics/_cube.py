"""One point's profile as arrays: replicate by window by lag."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from whylstm.statistics import _median

if TYPE_CHECKING:
    import pandas as pd

KEYS = ("replicate", "window", "lag")

MANTISSAS = (10, 12, 15, 20, 25, 30, 40, 50, 60, 80)
"""One decade of lags as they are shown: even steps on a log axis as nearly as round numbers allow."""


@dataclass(frozen=True)
class Cube:
    """The profiles of one point.

    Attributes:
        replicates: numbers of the replicates that have a window, (R,).
        values: by column, (R, W, K) float64, lag k at index k - 1; NaN for a window that is missing. Columns without
            any value are left out.
    """

    replicates: np.ndarray
    values: dict[str, np.ndarray]

    @property
    def lags(self) -> int:
        """The largest lag K; 0 if there is no window at all."""
        return next((array.shape[-1] for array in self.values.values()), 0)

    def at(self, lags: Iterable[int]) -> dict[str, np.ndarray]:
        """Return the medians over windows at these lags, by column (R, number of lags)."""
        index = np.asarray(list(lags), dtype=int) - 1
        return {name: over_windows(array[..., index]) for name, array in self.values.items()}


def cube(frame: pd.DataFrame) -> Cube:
    """Return the rows of one point, keyed by replicate, window and lag in any order, as a cube."""
    replicates, first = np.unique(frame["replicate"].to_numpy(), return_inverse=True)
    second, third = frame["window"].to_numpy(), frame["lag"].to_numpy() - 1
    shape = (len(replicates), int(second.max(initial=-1)) + 1, int(third.max(initial=-1)) + 1)
    values = {}
    for name in frame.columns:
        column = frame[name].to_numpy() if name not in KEYS else np.array([])
        if column.dtype == np.float64 and not np.isnan(column).all():
            values[name] = np.full(shape, np.nan)
            values[name][first, second, third] = column
    return Cube(replicates, values)


def over_windows(values: np.ndarray) -> np.ndarray:
    """Return the median over the windows, (R, W, ...) to (R, ...): windows of one replicate are not independent."""
    return _median.median(np.moveaxis(values, 1, 0))


def shown(lags: int) -> list[int]:
    """Return the lags that are shown of 1 ... ``lags``: about ten a decade, with the largest and its half.

    >>> shown(30)
    [1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 25, 30]
    """
    decades = (10.0**power for power in range(-1, len(str(lags))))
    round_ones = {mantissa * decade for decade in decades for mantissa in MANTISSAS}
    whole = {int(lag) for lag in round_ones if lag == int(lag) and lag <= lags}
    return sorted(whole | {lags, max(lags // 2, 1)}) if lags else []


def ratio(upper: np.ndarray, lower: np.ndarray) -> np.ndarray:
    """Return the log₁₀ of a ratio of norms from their logs: NaN where the lower one is exactly zero (0/0 and 1/0)."""
    with np.errstate(invalid="ignore"):
        return np.where(np.isneginf(lower), np.nan, upper - lower)


def nearest_lag(wanted: int, lags: int) -> int:
    """Return the largest measured lag up to the wanted one."""
    return min(wanted, lags)
