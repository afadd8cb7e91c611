"""From how far back the parameter gradient comes: each lag's share of it, and the share up to each lag."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from whylstm.statistics._replicates import over_replicates
from whylstm.statistics.base import Statistic

if TYPE_CHECKING:
    import pandas as pd

    from whylstm.statistics.base import Frames

SETTING = ["cell", "forget_bias"]


@dataclass(frozen=True)
class ParameterShare(Statistic):
    """One row per setting and lag, from lag 0. Shares are projections on the whole gradient; some are negative."""

    tables: ClassVar[tuple[str, ...]] = ("parameter_lags",)

    def of_tables(self, tables: Frames) -> pd.DataFrame:
        """Return the medians of the share, of the share up to the lag, and of the norm (log₁₀)."""
        reduced = {"share": "share", "cumulated": "cumulated", "log10_norm": "norm"}
        return over_replicates(cumulated(tables["parameter_lags"]), [*SETTING, "lag"], reduced)


def cumulated(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows in order of the lag, with each network's share up to the lag as ``cumulated``."""
    rows = rows.sort_values([*SETTING, "replicate", "lag"], ignore_index=True)
    return rows.assign(cumulated=rows.groupby([*SETTING, "replicate"], dropna=False)["share"].cumsum())


STATISTIC = ParameterShare()
