"""In how many directions the past stays visible: effective rank and condition number of the lag Jacobian."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from whylstm.statistics._replicates import over_replicates
from whylstm.statistics.base import Statistic

if TYPE_CHECKING:
    import pandas as pd

    from whylstm.statistics.base import Frames


@dataclass(frozen=True)
class EffectiveRank(Statistic):
    """One row per setting and lag; the number of singular values is the size of the state."""

    tables: ClassVar[tuple[str, ...]] = ("spectra",)

    def of_tables(self, tables: Frames) -> pd.DataFrame:
        """Return the medians of the effective rank, 1 to S, and of the condition number, log₁₀."""
        sizes = tables["spectra"].groupby("cell")["index"].max().rename("size")
        rows = tables["spectra"].query("index == 1").merge(sizes, on="cell")
        reduced = {"effective_rank": "rank", "log10_condition": "condition"}
        return over_replicates(rows, ["cell", "forget_bias", "lag", "size"], reduced)


STATISTIC = EffectiveRank()
