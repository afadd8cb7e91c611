"""What an intervention does to the gradient: the change against the untouched network, replicate by replicate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from whylstm.statistics._cube import ratio
from whylstm.statistics._replicates import over_replicates
from whylstm.statistics.base import Statistic

if TYPE_CHECKING:
    import pandas as pd

    from whylstm.statistics.base import Frames

UNTOUCHED = "none"
SETTING = ["cell", "gain", "forget_bias", "lag"]


@dataclass(frozen=True)
class InterventionEffect(Statistic):
    """One row per setting, lag and intervention: log₁₀ of the norm after over the norm before."""

    tables: ClassVar[tuple[str, ...]] = ("interventions",)

    def of_tables(self, tables: Frames) -> pd.DataFrame:
        """Return the medians of the paired changes; missing where the untouched gradient is exactly zero."""
        rows = tables["interventions"]
        before = rows[rows["intervention"] == UNTOUCHED].drop(columns="intervention")
        before = before.rename(columns={"log10_norm": "before"})
        pairs = rows[rows["intervention"] != UNTOUCHED].merge(before, on=[*SETTING, "replicate"])
        pairs["change"] = ratio(pairs["log10_norm"].to_numpy(), pairs["before"].to_numpy())
        return over_replicates(pairs, [*SETTING, "intervention"], {"change": "median"})


STATISTIC = InterventionEffect()
