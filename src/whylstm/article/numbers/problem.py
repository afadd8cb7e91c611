"""Section 1: how the gradient of a simple recurrent network vanishes and explodes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from whylstm import selection
from whylstm.article.numbers import _pick
from whylstm.article.values import Numbers, Value

if TYPE_CHECKING:
    import pandas as pd

LOW_GAIN, HIGH_GAIN = 0.5, 2.0


def make(tables: Mapping[str, pd.DataFrame], claims: Mapping[str, dict[str, Any]]) -> dict[str, Value]:
    """Return the norms of the tanh network at a low and a high gain, and how many settings vanish or grow."""
    found: dict[str, Value] = {}
    for which, gain in (("low", LOW_GAIN), ("high", HIGH_GAIN)):
        found |= at_gain(tables, which, gain)
    return found | counted(tables) | crossing(tables)


def at_gain(tables: Mapping[str, pd.DataFrame], which: str, gain: float) -> dict[str, Value]:
    """Return the tanh network's norm at the largest lag, at the gain nearest to the wanted one."""
    point = selection.point(tables["points"], "tanh", gain)
    if point.empty:
        return {}
    rows = selection.rows_of(tables["lag_profile"], point=point["point"].item(), quantity="norm")
    row = rows.nlargest(1, "lag").iloc[0]
    meaning = (
        f"norm of the tanh network's lag Jacobian at lag {row['lag']}, {point['hidden'].item()} units, {which} gain"
    )
    return {
        f"problem.tanh_{which}_gain": _pick.setting(
            point["gain"].item(), f"{which} gain at which the tanh network is shown"
        ),
        f"problem.tanh_{which}_norm": _pick.norm(row, meaning, "lag_profile"),
        "problem.tanh_lag": _pick.setting(row["lag"], "largest lag of the tanh network, in steps", "lag_profile"),
    }


def counted(tables: Mapping[str, pd.DataFrame]) -> dict[str, Value]:
    """Return in how many settings of the tanh network the gradient shrinks, and grows, with the lag."""
    points = selection.rows_of(tables["points"], cell="tanh")
    reach = tables["reach"][tables["reach"]["point"].isin(points["point"])]
    if reach.empty:
        return {}
    shrinks, grows = int((reach["exponent_high"] < 0).sum()), int((reach["exponent_low"] > 0).sum())
    return {
        "problem.tanh_points": _pick.tally(len(reach), "settings of the tanh network", "reach"),
        "problem.tanh_vanishing": _pick.tally(
            shrinks, "settings of the tanh network with the whole interval of λ₁ below 0", "reach"
        ),
        "problem.tanh_growing": _pick.tally(
            grows, "settings of the tanh network with the whole interval of λ₁ above 0", "reach"
        ),
    }


def crossing(tables: Mapping[str, pd.DataFrame]) -> dict[str, Value]:
    """Return the gain at which the largest tanh network turns from vanishing to exploding, if the grid holds it."""
    lines = selection.rows_of(tables["phase"], cell="tanh", task="noise", initialisation="gaussian", side="crosses")
    if lines.empty:
        return {}
    row = lines.nlargest(1, "hidden").iloc[0]
    meaning = f"gain at which λ₁ of the tanh network with {row['hidden']} units rises through 0"
    return {"problem.tanh_crossing": _pick.estimate(row, "gain", meaning, "phase")}


NUMBERS = Numbers(("points", "lag_profile", "reach", "phase"), make)
