"""How many answers trained recurrences get wrong in tasks of state tracking, each at the best of several rates.

The best rate has the smallest mean error at the trained length, the shortest of the tests, over the networks that are
there for tuning; of two that are equal, the smaller one. Only the other networks are reported.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from whylstm.statistics._replicates import over_replicates
from whylstm.statistics.base import Statistic

if TYPE_CHECKING:
    import pandas as pd

    from whylstm.statistics.base import Frames

SETTING = ["task", "family", "recurrence"]


@dataclass(frozen=True)
class TrackingSummary(Statistic):
    """One row per task, recurrence and length of a test."""

    tables: ClassVar[tuple[str, ...]] = ("state_tracking",)

    def of_tables(self, tables: Frames) -> pd.DataFrame:
        """Return the median share of wrong answers over the reported networks, at the rate that tuning chose."""
        rows = tables["state_tracking"]
        found = over_replicates(
            rows[rows["role"] == "reported"].merge(best_rates(rows), on=[*SETTING, "rate"]),
            [*SETTING, "rate", "parameters", "length"],
            {"error": "median"},
        )
        return found.astype({"length": "int64", "parameters": "int64"})


def best_rates(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rate of every task and recurrence that tuning chose."""
    chosen = rows[(rows["role"] == "tuning") & (rows["length"] == rows["length"].min())]
    means = chosen.groupby([*SETTING, "rate"], sort=True)["error"].mean().reset_index()
    return means.sort_values([*SETTING, "error", "rate"]).drop_duplicates(SETTING)[[*SETTING, "rate"]]


STATISTIC = TrackingSummary()
