"""How far the gradients of later recurrences reach at their start, whole and by hops or mixings, over replicates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from whylstm.statistics._cube import ratio, shown
from whylstm.statistics._replicates import over_replicates
from whylstm.statistics.base import Statistic

if TYPE_CHECKING:
    import pandas as pd

    from whylstm.statistics.base import Frames

SETTING = ["family", "recurrence", "forget_bias", "input_scale"]


@dataclass(frozen=True)
class SuccessorReach(Statistic):
    """One row per recurrence, forget bias, input scale and shown lag."""

    tables: ClassVar[tuple[str, ...]] = ("successors",)

    def of_tables(self, tables: Frames) -> pd.DataFrame:
        """Return medians of ‖G_k‖ against ‖G_1‖, and of its parts with none and with one hop or mixing; log₁₀."""
        rows = tables["successors"]
        whole = ["log10_whole", "log10_none", "log10_one"]
        first = rows[rows["lag"] == 1].drop(columns=["lag", "log10_none", "log10_one"])
        first = first.rename(columns={"log10_whole": "first"})
        rows = rows[rows["lag"].isin(shown(int(rows["lag"].max())))].merge(first, on=[*SETTING, "replicate"])
        for name in whole:
            rows[name] = ratio(rows[name].to_numpy(), rows["first"].to_numpy())
        return over_replicates(
            rows, [*SETTING, "lag"], {"log10_whole": "change", "log10_none": "none", "log10_one": "one"}
        )


STATISTIC = SuccessorReach()
"""Rows are relative to the whole norm at lag 1 of the same network."""
