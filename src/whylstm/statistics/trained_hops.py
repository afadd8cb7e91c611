"""Through how many recurrent matrices the gradient has passed, before training and after it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import pandas as pd

from whylstm.statistics._replicates import over_replicates
from whylstm.statistics._training import RUN, SETTING, by_outcome, endings, named
from whylstm.statistics.base import Statistic
from whylstm.statistics.hop_spectrum import shares

if TYPE_CHECKING:
    from whylstm.statistics.base import Frames

PREFIX = "hop_"


@dataclass(frozen=True)
class TrainedHops(Statistic):
    """One row per experiment, arm, trial, outcome, stage, lag and number of hops; trials with a carry only."""

    tables: ClassVar[tuple[str, ...]] = ("trials", "runs", "examinations", "probe_lags")

    def of_tables(self, tables: Frames) -> pd.DataFrame:
        """Return each hop's share of the sum of squared norms, at the first and at the last probe of a run."""
        rows = carried(tables["probe_lags"])
        if rows.empty:
            return pd.DataFrame()
        rows = by_outcome(named({**tables, "rows": staged(rows)}, "rows"), endings(tables))
        hops = sorted(name for name in rows if name.startswith(PREFIX))
        parts = shares({name: rows[name].to_numpy() for name in hops})
        key = [*SETTING, "outcome", "stage", "lag", "replicate"]
        long = rows[key].assign(**parts).melt(key, hops, "hop", "share")
        long["hop"] = long["hop"].str.removeprefix(PREFIX)
        return over_replicates(long.dropna(subset="share"), [*key[:-1], "hop"], {"share": "share"})


def carried(lags: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of the trials whose carry is not exactly zero, and whose paths are not all carry."""
    trial = lags["trial"]
    carry, beyond = np.isfinite(lags["hop_0"]), np.isfinite(lags["hop_1"])
    return lags[carry.groupby(trial).transform("any") & beyond.groupby(trial).transform("any")]


def staged(lags: pd.DataFrame) -> pd.DataFrame:
    """Return the first and the last probe of every run, with a column ``stage``: start, end."""
    ends = lags.groupby(RUN)["update"].agg(["min", "max"]).reset_index()
    rows = lags.merge(ends, on=RUN)
    first, last = rows[rows["update"] == rows["min"]], rows[rows["update"] == rows["max"]]
    return pd.concat([first.assign(stage="start"), last.assign(stage="end")], ignore_index=True)


STATISTIC = TrainedHops()
