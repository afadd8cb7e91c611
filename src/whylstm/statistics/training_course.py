"""How gradient and learning go on while an arm is trained: medians by checkpoint, for runs that end solved and others.

A run that is solved leaves training. Its weights then stay as they are, and so does what was measured on them: the last
value is kept to the budget, so that the same runs stand behind every checkpoint.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import pandas as pd

from whylstm.statistics._replicates import over_replicates
from whylstm.statistics._training import RUN, SETTING, by_outcome, endings, named
from whylstm.statistics.base import Statistic
from whylstm.statistics.run_states import with_norms

if TYPE_CHECKING:
    from whylstm.statistics.base import Frames

PROBED = ["exponent", "gate", "cosine", "norm_ratio", "memory", "reach", "norm", "carry_share"]
LEARNED = ["loss", "gradient", "tail", "clipped"]


@dataclass(frozen=True)
class TrainingCourse(Statistic):
    """One row per experiment, arm, trial, outcome, checkpoint and quantity."""

    tables: ClassVar[tuple[str, ...]] = ("trials", "runs", "examinations", "learning", "probes", "probe_lags")

    def of_tables(self, tables: Frames) -> pd.DataFrame:
        """Return medians over runs; the checkpoints are the probes that were planned."""
        probes = with_norms(tables)
        if probes.empty:
            return pd.DataFrame()
        grid = checkpoints(probes, tables).merge(tables["runs"][RUN], on="trial").sort_values("update", kind="stable")
        rows = kept(grid, probes, PROBED).merge(during(grid, learned(tables["learning"])), on=[*RUN, "update"])
        rows = by_outcome(named({**tables, "rows": rows}, "rows"), endings(tables))
        key = [*SETTING, "outcome", "update", "quantity", "replicate"]
        long = rows.melt([*key[:5], "replicate"], [*PROBED, *LEARNED], "quantity").dropna(subset="value")
        return over_replicates(long, key[:-1], {"value": "median"})


def checkpoints(probes: pd.DataFrame, tables: Frames) -> pd.DataFrame:
    """Return trial and update: where runs were probed that went on, and the budget."""
    ends = probes.merge(tables["runs"][[*RUN, "update"]].rename(columns={"update": "last"}), on=RUN)
    planned = ends.loc[ends["update"] < ends["last"], ["trial", "update"]]
    budgets = tables["trials"][["trial", "budget"]].rename(columns={"budget": "update"})
    known = budgets[budgets["trial"].isin(probes["trial"])]
    return pd.concat([planned, known]).drop_duplicates().astype({"update": "int64"})


def learned(learning: pd.DataFrame) -> pd.DataFrame:
    """Return the learning curves with the gradient's norm before clipping and how far its tail reaches, both log₁₀."""
    with np.errstate(divide="ignore", invalid="ignore"):
        middle, top = np.log10(learning["norm_median"]), np.log10(learning["norm_max"])
        return learning.assign(gradient=middle, tail=top - middle)


def kept(grid: pd.DataFrame, rows: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    """Return what each run had last at each checkpoint."""
    rows = rows[[*RUN, "update", *columns]].sort_values("update", kind="stable")
    return pd.merge_asof(grid, rows, on="update", by=RUN)


def during(grid: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """Return the interval of the learning curve that a checkpoint falls into; a run that has ended keeps its last."""
    rows = rows[[*RUN, "update", *LEARNED]].sort_values("update", kind="stable")
    ahead = pd.merge_asof(grid, rows, on="update", by=RUN, direction="forward")
    return ahead.fillna(pd.merge_asof(grid, rows, on="update", by=RUN)[LEARNED])


STATISTIC = TrainingCourse()
