"""What trained networks score at lengths beyond those that they were trained on, beside what guessing earns there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import pandas as pd

from whylstm.statistics._replicates import over_replicates
from whylstm.statistics._training import SETTING, by_outcome, endings, named
from whylstm.statistics.base import Statistic

if TYPE_CHECKING:
    from whylstm.statistics.base import Frames

SCORE = ["task", "metric"]


@dataclass(frozen=True)
class ExtrapolationSummary(Statistic):
    """One row per experiment, arm, trial, outcome, length and metric."""

    tables: ClassVar[tuple[str, ...]] = ("trials", "runs", "examinations", "extrapolation", "tasks")

    def of_tables(self, tables: Frames) -> pd.DataFrame:
        """Return medians over runs, with the trivial predictor's score at the nearest length that is listed."""
        scored = by_outcome(named(tables, "extrapolation"), endings(tables)).dropna(subset="value")
        found = over_replicates(scored, [*SETTING, "outcome", "length", "metric"], {"value": "median"})
        if found.empty:
            return found
        fields = tables["trials"].drop_duplicates("trial").set_index("trial")["task"]
        rows = found.assign(task=found["trial"].map(fields)).sort_values("length", kind="stable")
        known = tables["tasks"][["length", *SCORE, "value"]].rename(columns={"value": "trivial"})
        known = known.sort_values("length", kind="stable")
        return pd.merge_asof(rows, known, on="length", by=SCORE, direction="nearest").drop(columns="task")


STATISTIC = ExtrapolationSummary()
