"""Mean-field theory against measured exponents, at every cell, gain and forget bias that both have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from whylstm.statistics._replicates import over_replicates
from whylstm.statistics.base import Statistic

if TYPE_CHECKING:
    import pandas as pd

    from whylstm.statistics.base import Frames

SETTING = ("cell", "gain", "forget_bias")


@dataclass(frozen=True)
class TheoryGap(Statistic):
    """The largest exponent predicted, measured, and their difference; networks of the largest measured size only."""

    tables: ClassVar[tuple[str, ...]] = ("exponents", "mean_field")

    def of_tables(self, tables: Frames) -> pd.DataFrame:
        """Return a row per setting, nats per step; a setting without a prediction has none."""
        largest = tables["exponents"].query("index == 1 and hidden == hidden.max()")
        theory = tables["mean_field"].rename(columns={"exponent": "predicted"})[[*SETTING, "predicted"]]
        pairs = largest.merge(theory, on=list(SETTING)).assign(gap=lambda frame: frame["predicted"] - frame["value"])
        key = [*SETTING, "hidden", "signs", "predicted"]
        return over_replicates(pairs, key, {"value": "measured", "gap": "difference"})


STATISTIC = TheoryGap()
