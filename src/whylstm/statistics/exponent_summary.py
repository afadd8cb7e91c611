"""Lyapunov exponents over replicates, with what says whether they have converged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from whylstm.statistics._replicates import over_replicates
from whylstm.statistics.base import Statistic

if TYPE_CHECKING:
    import pandas as pd

    from whylstm.statistics.base import Frames

KEY = ("cell", "gain", "forget_bias", "hidden", "signs", "steps", "index")


@dataclass(frozen=True)
class ExponentSummary(Statistic):
    """One row per setting and exponent; errors and drifts are those of single networks, in nats per step."""

    tables: ClassVar[tuple[str, ...]] = ("exponents",)

    def of_tables(self, tables: Frames) -> pd.DataFrame:
        """Return the medians of the exponents, of their standard errors and of the size of their drifts."""
        rows = tables["exponents"].assign(drift=lambda frame: frame["drift"].abs())
        found = over_replicates(rows, KEY, {"value": "exponent", "error": "error", "drift": "drift"})
        return found.drop(columns=[f"{name}_{end}" for name in ("error", "drift") for end in ("low", "high")])


STATISTIC = ExponentSummary()
