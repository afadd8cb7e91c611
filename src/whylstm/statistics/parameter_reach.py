"""How many steps back one must look to see half, or nine tenths, of the parameter gradient."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import pandas as pd

from whylstm.statistics._replicates import over_replicates
from whylstm.statistics.base import Statistic
from whylstm.statistics.parameter_share import SETTING, cumulated

if TYPE_CHECKING:
    from whylstm.statistics.base import Frames


@dataclass(frozen=True)
class ParameterReach(Statistic):
    """One row per setting and part of the gradient.

    Attributes:
        parts: the parts of the gradient that are asked for.
    """

    tables: ClassVar[tuple[str, ...]] = ("parameter_lags",)
    parts: tuple[float, ...] = (0.5, 0.9)

    def of_tables(self, tables: Frames) -> pd.DataFrame:
        """Return the smallest lag up to which the shares add up to each part, network by network, then the median."""
        rows = cumulated(tables["parameter_lags"])
        found = [_reached(rows, part) for part in self.parts]
        return over_replicates(pd.concat(found), [*SETTING, "part"], {"lag": "lag"})


def _reached(rows: pd.DataFrame, part: float) -> pd.DataFrame:
    """Return the first row of each network at which the part is reached; the last lag reaches every part up to 1."""
    enough = rows[rows["cumulated"] >= part]
    first = enough.groupby([*SETTING, "replicate"], dropna=False, as_index=False)["lag"].min()
    return first.assign(part=part, lag=first["lag"].astype("float64"))


STATISTIC = ParameterReach()
