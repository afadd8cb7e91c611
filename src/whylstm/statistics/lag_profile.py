"""Norms against lag, over replicates: the table behind every curve of the log norm."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from whylstm.statistics import _frames, _median
from whylstm.statistics._cube import cube, over_windows, shown
from whylstm.statistics.base import Statistic

if TYPE_CHECKING:
    import pandas as pd

    from whylstm.statistics.base import Frames

NOT_NORMS = ("point", "end")


@dataclass(frozen=True)
class LagProfile(Statistic):
    """Median over replicates of each norm at the shown lags, and the band over all windows.

    The hops beyond the carry have a table of their own.
    """

    records: ClassVar[tuple[str, ...]] = ("profiles",)

    def columns(self, table: str, names: Iterable[str]) -> list[str]:
        """Return everything but the hops beyond the carry."""
        return [n for n in names if n not in NOT_NORMS and (n == "hop_0" or not n.startswith("hop_"))]

    def of_point(self, frames: Frames) -> pd.DataFrame:
        """Return a row per quantity and lag, log₁₀."""
        given = frames["profiles"]
        profiles = cube(given[self.columns("profiles", given.columns)])
        lags = shown(profiles.lags)
        rows = []
        for quantity, values in profiles.values.items():
            at_lags = values[..., [lag - 1 for lag in lags]]
            everything = at_lags.reshape(-1, len(lags))
            band = {f"band_{end}": _median.quantile(everything, share) for end, share in _ENDS}
            found = _median.summary(over_windows(at_lags))
            rows.append({"quantity": quantity, "lag": lags, **found, **band})
        return _frames.stacked(rows)


_ENDS = tuple(zip(("low", "high"), _median.BAND, strict=True))

STATISTIC = LagProfile()
