"""What training does to the gradient, run by run: before the first update, at the end, and the paired change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import pandas as pd

from whylstm.statistics._replicates import over_replicates
from whylstm.statistics._training import SETTING, by_outcome, endings, named
from whylstm.statistics.base import Statistic

if TYPE_CHECKING:
    from whylstm.statistics.base import Frames

QUANTITIES = ["reach", "norm", "carry_share", "exponent", "gate", "memory", "cosine"]


@dataclass(frozen=True)
class TrainingChange(Statistic):
    """One row per experiment, arm, trial, outcome and quantity that some run has at both ends."""

    tables: ClassVar[tuple[str, ...]] = ("trials", "runs", "examinations", "run_states")

    def of_tables(self, tables: Frames) -> pd.DataFrame:
        """Return the medians at both ends, and that of the change; a memory without end does not change to another."""
        rows = by_outcome(named(tables, "run_states").drop(columns="end"), endings(tables))
        key = [*SETTING, "outcome", "quantity", "replicate"]
        columns = [*SETTING, "outcome", "stage", "replicate"]
        long = rows.melt(columns, QUANTITIES, "quantity").dropna(subset="value")
        wide = long.pivot_table(index=key, columns="stage", values="value", aggfunc="first")
        pairs = wide.reindex(columns=["start", "end"]).dropna().reset_index()
        with np.errstate(invalid="ignore"):
            pairs["change"] = np.where(pairs["start"] == pairs["end"], 0.0, pairs["end"] - pairs["start"])
        return over_replicates(pairs, key[:-1], {"change": "median", "start": "before", "end": "after"})


STATISTIC = TrainingChange()
