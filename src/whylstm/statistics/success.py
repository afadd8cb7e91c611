"""How many runs of every arm were solved, and after how many updates: the rate, and the median with its interval."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pandas as pd

from whylstm.statistics import _median, _survival
from whylstm.statistics._training import SETTING, SOLVED, endings, named
from whylstm.statistics.base import Statistic

if TYPE_CHECKING:
    from whylstm.statistics.base import Frames


@dataclass(frozen=True)
class Success(Statistic):
    """One row per experiment, arm and trial; runs that were censored and runs that diverged are counted apart."""

    tables: ClassVar[tuple[str, ...]] = ("trials", "runs", "examinations")

    def of_tables(self, tables: Frames) -> pd.DataFrame:
        """Return rates with Wilson intervals, and the update by which half of the runs are solved."""
        groups = named({**tables, "runs": endings(tables)}, "runs").groupby(SETTING, sort=True)
        return pd.DataFrame([dict(zip(SETTING, key, strict=True)) | summary(runs) for key, runs in groups])


def summary(runs: pd.DataFrame) -> dict[str, Any]:
    """Return the numbers of one trial from its runs."""
    solved = (runs["end"] == SOLVED).to_numpy()
    ends = {end: int((runs["end"] == end).sum()) for end in (SOLVED, "censored", "diverged")}
    low, high = wilson(ends[SOLVED], len(runs))
    half = _survival.middle(runs["update"].to_numpy(dtype=np.float64), solved)
    rate = {"rate": ends[SOLVED] / len(runs), "low": low, "high": high}
    spent = {"updates": half.median, "updates_low": half.low, "updates_high": half.high, "coverage": half.coverage}
    return {"n": len(runs), **ends, **rate, **spent}


def wilson(successes: int, total: int) -> tuple[float, float]:
    """Return the Wilson interval of a rate."""
    from scipy.stats import binomtest

    found = binomtest(successes, total).proportion_ci(confidence_level=_median.LEVEL, method="wilson")
    return float(found.low), float(found.high)


STATISTIC = Success()
