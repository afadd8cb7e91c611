"""When runs are solved: the Kaplan-Meier estimate, and the median with an interval.

Runs end in three ways. One that reaches the budget is censored there. One that diverged will never be solved, so it
stays among those at risk and is censored at the budget as well: the curve is the share of all runs that are solved by
an update. All censoring being at one budget, the estimate steps through the order of the runs, and the interval of the
median is the one of the order statistics (:mod:`whylstm.statistics._median`), exact, with a run that was not solved at
infinity.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np

from whylstm.statistics import _median


@dataclass(frozen=True)
class Curve:
    """The share of runs that are solved by each update at which one is, (E,) each, with its 95% interval.

    The interval is pointwise, from Greenwood's variance on the log-log scale; NaN where none is left to be solved.
    """

    update: np.ndarray
    share: np.ndarray
    low: np.ndarray
    high: np.ndarray


@dataclass(frozen=True)
class Middle:
    """The update by which half of the runs are solved, inf if the budget ends before, with interval and coverage."""

    median: float
    low: float
    high: float
    coverage: float


def curve(update: np.ndarray, solved: np.ndarray, budget: int) -> Curve:
    """Return the Kaplan-Meier estimate.

    Args:
        update: (R,) updates at which runs ended.
        solved: (R,) whether that was because they were solved.
        budget: the updates after which every other run is censored.
    """
    from scipy.stats import CensoredData, ecdf

    data = CensoredData(uncensored=update[solved], right=np.full(np.count_nonzero(~solved), budget))
    left = ecdf(data).sf
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # the interval is undefined where none is left
        ends = left.confidence_interval(confidence_level=_median.LEVEL, method="log-log")
    steps = np.isin(left.quantiles, update[solved])
    low, high = (1 - end.probabilities[steps] for end in (ends.high, ends.low))
    return Curve(left.quantiles[steps], 1 - left.probabilities[steps], low, high)


def middle(update: np.ndarray, solved: np.ndarray) -> Middle:
    """Return the update by which half of the runs are solved; arguments as in :func:`curve`, at least one run."""
    ordered = np.sort(np.where(solved, update, np.inf))
    rank, coverage = _median.rank(len(ordered))
    half = ordered[(len(ordered) - 1) // 2]  # the first update at which at most half are left
    return Middle(float(half), float(ordered[rank - 1]), float(ordered[-rank]), coverage)
