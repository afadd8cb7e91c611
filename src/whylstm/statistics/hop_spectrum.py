"""How much of the gradient at a lag passes 0, 1, 2 ... recurrent matrices."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from whylstm.statistics import _frames, _median
from whylstm.statistics._cube import cube, over_windows, ratio, shown
from whylstm.statistics.base import Statistic

if TYPE_CHECKING:
    import pandas as pd

    from whylstm.statistics.base import Frames


@dataclass(frozen=True)
class HopSpectrum(Statistic):
    """Each hop's norm relative to the whole, and its share of the sum of squares, at the shown lags."""

    records: ClassVar[tuple[str, ...]] = ("profiles",)

    def columns(self, table: str, names: Iterable[str]) -> list[str]:
        """Return the whole norm and the hops."""
        return [n for n in names if n in ("replicate", "window", "lag", "norm") or n.startswith("hop_")]

    def of_point(self, frames: Frames) -> pd.DataFrame:
        """Return a row per lag and hop; the norm is log₁₀, the share is not."""
        profiles = cube(frames["profiles"])
        lags = shown(profiles.lags)
        at_lags = {name: values[..., [lag - 1 for lag in lags]] for name, values in profiles.values.items()}
        hops = {name.removeprefix("hop_"): values for name, values in at_lags.items() if name.startswith("hop_")}
        rows = []
        for hop, part in shares(hops).items():
            found = _median.summary(over_windows(ratio(hops[hop], at_lags["norm"])))
            share = _frames.renamed(_median.summary(over_windows(part)), "share")
            rows.append({"lag": lags, "hop": hop, **found, **share})
        return _frames.stacked(rows)


def shares(hops: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return each hop's share of the sum of squared norms, from log₁₀ norms that may overflow or underflow.

    NaN where every hop is exactly zero.
    """
    if not hops:
        return {}
    logs = 2 * np.stack(list(hops.values()))
    with np.errstate(invalid="ignore"):
        squares = 10.0 ** (logs - logs.max(axis=0))
        return dict(zip(hops, squares / squares.sum(axis=0), strict=True))


STATISTIC = HopSpectrum()
