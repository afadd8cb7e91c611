"""Which part of the gradient at a lag travels in the carry: ‖G^(0)‖ / ‖G‖, whole and by block."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from whylstm.statistics import _frames, _median
from whylstm.statistics._cube import cube, nearest_lag, over_windows, ratio
from whylstm.statistics.base import Statistic

if TYPE_CHECKING:
    import pandas as pd

    from whylstm.statistics.base import Frames

BLOCKS = {
    "whole": ("hop_0", "norm"),
    "c_to_c": ("carry_c_to_c", "c_to_c"),
    "h_to_h": ("carry_h_to_h", "h_to_h"),
}
"""By block: the column of its carry and that of everything."""


@dataclass(frozen=True)
class CarryShare(Statistic):
    """The carry's share at the given lags, or at the last measured lag where that is smaller; both are stated."""

    records: ClassVar[tuple[str, ...]] = ("profiles",)
    lags: tuple[int, ...] = (10, 100)

    def columns(self, table: str, names: Iterable[str]) -> list[str]:
        """Return the two columns of each block."""
        wanted = {"replicate", "window", "lag"}.union(*BLOCKS.values())
        return [name for name in names if name in wanted]

    def of_point(self, frames: Frames) -> pd.DataFrame:
        """Return a row per block that the point has and per nominal lag, log₁₀."""
        profiles = cube(frames["profiles"])
        rows = []
        for block, (carry, whole) in BLOCKS.items():
            if carry in profiles.values and whole in profiles.values:
                lags = [nearest_lag(lag, profiles.lags) for lag in self.lags]
                index = [lag - 1 for lag in lags]
                shares = ratio(profiles.values[carry][..., index], profiles.values[whole][..., index])
                found = _median.summary(over_windows(shares))
                rows.append({"block": block, "nominal_lag": self.lags, "lag": lags, **found})
        return _frames.stacked(rows)


STATISTIC = CarryShare()
