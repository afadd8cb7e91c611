"""How fast the gradient of a point grows per step, and how many steps back it reaches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from whylstm.statistics import _frames, _median
from whylstm.statistics.base import Statistic

if TYPE_CHECKING:
    import pandas as pd

    from whylstm.statistics.base import Frames


@dataclass(frozen=True)
class Reach(Statistic):
    """Medians over replicates of the exponents and memories, one row per point."""

    tables: ClassVar[tuple[str, ...]] = ("networks",)

    def of_tables(self, tables: Frames) -> pd.DataFrame:
        """Return a row per point; a memory is censored where its median lies beyond the last lag."""
        groups = tables["networks"].groupby("point", sort=True)
        return _frames.stacked(_row(str(point), rows) for point, rows in groups)


def _row(point: str, rows: pd.DataFrame) -> dict[str, Any]:
    found = {name: _median.summary(rows[[name]].to_numpy()) for name in ("exponent", "exponent_before", "memory")}
    return {
        "point": point,
        "lags": rows["lags"].to_numpy().max(keepdims=True),
        **_frames.renamed(found["exponent"], "exponent"),
        "exponent_before": found["exponent_before"]["median"],
        **_frames.renamed(found["memory"], "memory"),
        "censored": np.isposinf(found["memory"]["median"]),
        "n": found["exponent"]["n"],
        "coverage": found["exponent"]["coverage"],
        "replicates": len(rows),
    }


STATISTIC = Reach()
