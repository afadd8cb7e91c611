"""How much of an old input reaches the output, for attention and for recurrent cells, over replicates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from whylstm.statistics._cube import ratio, shown
from whylstm.statistics._replicates import over_replicates
from whylstm.statistics.base import Statistic

if TYPE_CHECKING:
    import pandas as pd

    from whylstm.statistics.base import Frames

NETWORK = ["kind", "forget_bias", "replicate"]


@dataclass(frozen=True)
class AttentionReach(Statistic):
    """One row per kind of network, forget bias and shown lag."""

    tables: ClassVar[tuple[str, ...]] = ("attention",)

    def of_tables(self, tables: Frames) -> pd.DataFrame:
        """Return the medians of ‖∂y_t/∂x_{t-k}‖, and of what it is relative to lag 1, network by network; log₁₀."""
        rows = tables["attention"]
        first = rows[rows["lag"] == 1].rename(columns={"log10_norm": "first"}).drop(columns="lag")
        rows = rows[rows["lag"].isin(shown(int(rows["lag"].max())))].merge(first, on=NETWORK)
        rows["change"] = ratio(rows["log10_norm"].to_numpy(), rows["first"].to_numpy())
        return over_replicates(rows, ["kind", "forget_bias", "lag"], {"log10_norm": "median", "change": "change"})


STATISTIC = AttentionReach()
