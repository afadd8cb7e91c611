"""The gain at which the gradient turns from vanishing to growing, for every line of points along the gain."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pandas as pd

from whylstm.statistics import _frames, _median
from whylstm.statistics.base import Statistic

if TYPE_CHECKING:
    from whylstm.statistics.base import Frames

LINE = ("cell", "initialisation", "task", "hidden", "length", "lags", "input_scale", "forget_bias", "t_max", "options")
"""What the points of a line have in common."""


@dataclass(frozen=True)
class Phase(Statistic):
    """One row per line with at least two gains.

    Replicates are paired over the gain (it scales the same unit weights), so each replicate has a curve λ₁(gain) and a
    crossing of its own; the median and its interval are taken over crossings. A replicate that never crosses counts as
    crossing above the grid, or below it, so that none is left out.
    """

    tables: ClassVar[tuple[str, ...]] = ("networks", "points")

    def of_tables(self, tables: Frames) -> pd.DataFrame:
        """Return the gains at which λ₁ rises through 0."""
        points = tables["points"].dropna(subset=["gain"]).fillna({"options": ""})
        rows = tables["networks"][["point", "replicate", "exponent"]].merge(
            points[["point", "gain", *LINE]], on="point"
        )
        lines = rows.groupby(list(LINE), sort=True, dropna=False)
        found = [(dict(zip(LINE, key, strict=True)), _curves(line)) for key, line in lines]
        whole = [(key, curves) for key, curves in found if len(curves) and curves.shape[1] > 1]
        return _frames.stacked({**key, **_crossing(curves)} for key, curves in whole)


def _curves(line: pd.DataFrame) -> pd.DataFrame:
    """Return λ₁ by replicate (rows) and gain (columns), for the replicates that have one at every gain."""
    return line.pivot_table(index="replicate", columns="gain", values="exponent", aggfunc="first").dropna()


def _crossing(curves: pd.DataFrame) -> dict[str, Any]:
    gains = curves.columns.to_numpy(dtype=np.float64)
    each = np.array([crossing(gains, rates) for rates in curves.to_numpy()]).reshape(-1, 1)
    found = {name: float(value[0]) for name, value in _median.summary(each).items()}
    on_grid = {name: found[name] if 0 < found[name] < np.inf else np.nan for name in ("median", "low", "high")}
    side = "above" if found["median"] == 0 else "crosses" if np.isfinite(found["median"]) else "below"
    middle = _median.median(curves.to_numpy())
    return {
        "side": [side],
        "gain": on_grid["median"],
        "low": on_grid["low"],
        "high": on_grid["high"],
        "smallest": gains[0],
        "largest": gains[-1],
        "returns": bool(np.any((middle[:-1] > 0) & (middle[1:] < 0))),
        "n": int(found["n"]),
        "coverage": found["coverage"],
    }


def crossing(gains: np.ndarray, rates: np.ndarray) -> float:
    """Return the smallest gain at which the rate rises through 0; 0 if it starts above, inf if it never does.

    Between two gains the rate is interpolated in ln gain by monotone cubics (Fritsch & Butland 1984, scipy's Pchip),
    which neither overshoot nor cross where the data do not. Infinite rates are stood in for by a finite one far out,
    which moves a crossing within the gap of the grid that it lies in, never into another.

    Args:
        gains: (N,), rising and positive.
        rates: (N,), nats per step.
    """
    from scipy.interpolate import PchipInterpolator

    if rates[0] > 0:
        return 0.0
    rises = np.flatnonzero((rates[:-1] <= 0) & (rates[1:] > 0))
    if not len(rises):
        return float("inf")
    first = int(rises[0])
    if rates[first] == 0:
        return float(gains[first])
    finite = np.nan_to_num(rates, neginf=-1e3, posinf=1e3)
    zeros = PchipInterpolator(np.log(gains), finite).roots(extrapolate=False)
    low, high = np.log(gains[first]), np.log(gains[first + 1])
    return float(np.exp(zeros[(zeros >= low) & (zeros <= high)].min()))


STATISTIC = Phase()
