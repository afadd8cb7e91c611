"""How much of each lag's contribution to the parameter gradient is signal: the same in every sequence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from whylstm.statistics._replicates import over_replicates
from whylstm.statistics.base import Statistic
from whylstm.statistics.parameter_share import SETTING

if TYPE_CHECKING:
    import pandas as pd

    from whylstm.statistics.base import Frames


@dataclass(frozen=True)
class ParameterNoise(Statistic):
    """One row per setting and lag, from lag 0; a ratio is E[c]²/Var[c] over sequences, of one sequence."""

    tables: ClassVar[tuple[str, ...]] = ("parameter_signal",)

    def of_tables(self, tables: Frames) -> pd.DataFrame:
        """Return the medians of the lag's ratio and of the whole gradient's."""
        key = [*SETTING, "sequences", "lag"]
        return over_replicates(tables["parameter_signal"], key, {"ratio": "ratio", "whole": "whole"})


STATISTIC = ParameterNoise()
