"""How much room an LSTM's settings leave: its growth over all gains, and the gain at which growth begins."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

from whylstm import selection, wording
from whylstm.article.numbers import _pick
from whylstm.article.values import Value

if TYPE_CHECKING:
    import pandas as pd


def room(tables: Mapping[str, pd.DataFrame]) -> dict[str, Value]:
    """Return both at the smallest and at the largest forget bias of the main grid, if it has two and several gains."""
    points = selection.grid(tables["points"], "lstm")
    if points["forget_bias"].nunique() < 2 or points["gain"].nunique() < 2:
        return {}
    found = {
        "lstm.gain_smallest": _pick.setting(points["gain"].min(), "smallest gain of the LSTM's grid"),
        "lstm.gain_largest": _pick.setting(points["gain"].max(), "largest gain of the LSTM's grid"),
    }
    for which, bias in (("low", points["forget_bias"].min()), ("high", points["forget_bias"].max())):
        found |= growth_range(tables["reach"], selection.rows_of(points, forget_bias=bias), which)
        found |= crossing(tables["phase"], selection.rows_of(points, forget_bias=bias).iloc[0], which)
    return found


def growth_range(reach: pd.DataFrame, points: pd.DataFrame, which: str) -> dict[str, Value]:
    """Return the smallest and the largest median growth over the gains, as words."""
    rates = reach[reach["point"].isin(points["point"])]["exponent"].dropna()
    if rates.empty:
        return {}
    ends = (wording.significant(rates.min()), wording.significant(rates.max()))
    meaning = f"smallest and largest median growth λ₁ over all gains in nats per step, {which}est forget bias"
    return {f"lstm.range_{which}": _pick.words(wording.between(*ends), meaning, "reach")}


def crossing(phase: pd.DataFrame, point: pd.Series, which: str) -> dict[str, Value]:
    """Return the gain at which the growth rises through 0, or on which side of the grid it lies."""
    same = {name: point[name] for name in ("cell", "initialisation", "task", "hidden", "length", "forget_bias")}
    rows = selection.rows_of(phase, **same)
    if rows.empty:
        return {}
    row = rows.iloc[0]
    meaning = f"gain at which λ₁ of the LSTM rises through 0, {which}est forget bias"
    if math.isfinite(row["gain"]):
        return {f"lstm.crossing_{which}": _pick.estimate(row, "gain", meaning, "phase", digits=2)}
    outside = {
        "above": f"below {wording.number(row['smallest'], 4)}",
        "below": f"above {wording.number(row['largest'], 4)}",
    }
    return {f"lstm.crossing_{which}": _pick.words(outside[row["side"]], meaning, "phase")}
