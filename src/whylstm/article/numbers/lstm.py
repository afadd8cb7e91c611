"""Section 2: what the product misses, what the carry holds, where the LSTM's gradient grows, how much room is left."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from whylstm import selection, wording
from whylstm.article.numbers import _pick, _room
from whylstm.article.values import Numbers, Value

if TYPE_CHECKING:
    import pandas as pd

    Tables = Mapping[str, pd.DataFrame]

FORMULAS = {
    "coherent": "ln(f + a)",
    "incoherent": "½ ln(f² + a²)",
    "mean": "the spectral radius of the Jacobian averaged over the run",
}
LAGS = {"short": 10, "long": 100}


def make(tables: Tables, claims: Mapping[str, dict[str, Any]]) -> dict[str, Value]:
    """Return the numbers of the main LSTM setting and of the whole grid."""
    point = selection.point(tables["points"], "lstm")
    found = exploding(tables) | _room.room(tables)
    if point.empty:
        return found
    return (
        found
        | described(point)
        | missed(tables, point)
        | carried(tables, point)
        | growing(tables, point)
        | misses(tables)
    )


def described(point: pd.DataFrame) -> dict[str, Value]:
    """Return what defines the setting that the text speaks of."""
    return {
        "lstm.hidden": _pick.setting(point["hidden"].item(), "hidden units of the LSTM that the text speaks of"),
        "lstm.gain": _pick.setting(
            point["gain"].item(), "gain of the recurrent weights of the LSTM that the text speaks of"
        ),
        "lstm.bias": _pick.setting(point["forget_bias"].item(), "forget bias of the LSTM that the text speaks of"),
    }


def missed(tables: Tables, point: pd.DataFrame) -> dict[str, Value]:
    """Return how much of the gradient from h to h the article's product misses, at a short and a long lag."""
    gap = selection.rows_of(tables["article_gap"], point=point["point"].item())
    found: dict[str, Value] = {}
    for which, row in at_lags(selection.rows_of(gap, comparison="defect_to_truth")).items():
        meaning = f"norm of ∂h(t)/∂h(t−k) minus the article's product, relative to the truth, at lag {row['lag']}"
        found[f"lstm.defect_{which}"] = _pick.share(row, meaning, "article_gap")
        found[f"lstm.lag_{which}"] = _pick.setting(
            row["lag"], f"the {which} lag at which the article's product is held against the truth", "article_gap"
        )
    for which, row in at_lags(selection.rows_of(gap, comparison="article_to_truth")).items():
        meaning = f"norm of the article's product relative to ∂h(t)/∂h(t−k), at lag {row['lag']}"
        found[f"lstm.product_{which}"] = _pick.share(row, meaning, "article_gap")
    return found


def at_lags(rows: pd.DataFrame) -> dict[str, pd.Series]:
    """Return the rows at the measured lags nearest below the short and the long one; none if there is no such lag."""
    found = {}
    for which, lag in LAGS.items():
        below = rows[(rows["lag"] <= lag) & rows["median"].notna()]
        if not below.empty:
            found[which] = below.loc[below["lag"].idxmax()]
    return found


def carried(tables: Tables, point: pd.DataFrame) -> dict[str, Value]:
    """Return the carry's share of the gradient, and the forget-gate product at the smallest and largest forget bias."""
    found: dict[str, Value] = {}
    share = selection.rows_of(tables["carry_share"], point=point["point"].item(), block="whole")
    for which, row in at_lags(share).items():
        found[f"lstm.share_{which}"] = _pick.share(
            row, f"norm of the carry over the whole, lag {row['lag']}", "carry_share"
        )
    same = selection.rows_of(selection.grid(tables["points"], "lstm"), gain=point["gain"].item())
    if same["forget_bias"].nunique() < 2:
        return found
    for which, bias in (("low", same["forget_bias"].min()), ("high", same["forget_bias"].max())):
        found[f"lstm.bias_{which}"] = _pick.setting(bias, f"the {which}est forget bias of the grid")
        found |= at_bias(tables, selection.rows_of(same, forget_bias=bias), which)
    return found


def at_bias(tables: Tables, point: pd.DataFrame, which: str) -> dict[str, Value]:
    """Return the forget-gate product, and the carry's share, of one point at the long lag."""
    found, name, half = {}, point["point"].item(), math.log10(point["hidden"].item()) / 2
    if row := _long(selection.rows_of(tables["lag_profile"], point=name, quantity="carry_c_to_c")):
        meaning = f"product of forget gates at lag {row['lag']}, root mean square over units, {which}est forget bias"
        each = row | {end: row[end] - half for end in ("median", "low", "high")}
        found[f"lstm.carry_{which}"] = _pick.norm(each, meaning, "lag_profile")
    if row := _long(selection.rows_of(tables["carry_share"], point=name, block="whole")):
        meaning = f"norm of the carry over the whole at lag {row['lag']}, at the {which}est forget bias"
        found[f"lstm.share_at_bias_{which}"] = _pick.share(row, meaning, "carry_share")
    return found


def growing(tables: Tables, point: pd.DataFrame) -> dict[str, Value]:
    """Return the measured growth of the main setting beside its predictions."""
    found: dict[str, Value] = {}
    for prediction, formula in FORMULAS.items():
        rows = selection.rows_of(tables["growth"], point=point["point"].item(), prediction=prediction)
        if rows.empty:
            continue
        row = rows.iloc[0]
        columns = ("predicted", "predicted_low", "predicted_high")
        found[f"lstm.growth_{prediction}"] = _pick.rate(row, columns, f"growth predicted by {formula}", "growth")
        columns = ("measured", "measured_low", "measured_high")
        found["lstm.growth_measured"] = _pick.rate(row, columns, "measured growth λ₁ of the gradient's norm", "growth")
    return found


def misses(tables: Tables) -> dict[str, Value]:
    """Return by how much each prediction of the growth is off, the median of its size over the main grid."""
    same = selection.grid(tables["points"], "lstm")["point"]
    rows = tables["growth"][tables["growth"]["point"].isin(same) & tables["growth"]["difference"].notna()]
    found: dict[str, Value] = {}
    for prediction in FORMULAS:
        sizes = selection.rows_of(rows, prediction=prediction)["difference"].abs()
        if not sizes.empty:
            meaning = f"median size of predicted minus measured growth over settings, {prediction} prediction"
            text, n = wording.significant(sizes.median()), len(sizes)
            found[f"lstm.error_{prediction}"] = Value(sizes.median(), text, meaning, "growth", "nats per step", n=n)
            found["lstm.error_points"] = _pick.tally(n, "settings of the largest LSTM driven by noise", "growth")
    return found


def exploding(tables: Tables) -> dict[str, Value]:
    """Return in how many LSTM settings the gradient grows with the lag, and where it grows fastest."""
    points = selection.rows_of(tables["points"], cell="lstm")
    reach = tables["reach"].merge(points[["point", "gain", "forget_bias"]], on="point")
    if reach.empty:
        return {}
    grows = int((reach["exponent_low"] > 0).sum())
    found = {
        "lstm.points": _pick.tally(len(reach), "settings of the LSTM", "reach"),
        "lstm.exploding": _pick.tally(grows, "settings of the LSTM with the whole interval of λ₁ above 0", "reach"),
    }
    main = reach[reach["point"].isin(selection.grid(tables["points"], "lstm")["point"]) & reach["exponent"].notna()]
    return found | (fastest(main.loc[main["exponent"].idxmax()]) if (main["exponent_low"] > 0).any() else {})


def fastest(row: pd.Series) -> dict[str, Value]:
    """Return the fastest growth, where it was found, and what it amounts to over all lags."""
    over = float(row["exponent"]) * int(row["lags"]) / math.log(10)
    columns = ("exponent", "exponent_low", "exponent_high")
    meaning = f"the fastest growth times the largest lag, {row['lags']} steps, as a factor"
    return {
        "lstm.fastest": _pick.rate(
            row, columns, "largest growth λ₁ among the settings of the largest LSTM driven by noise", "reach"
        ),
        "lstm.fastest_gain": _pick.setting(row["gain"], "the gain at which the LSTM's gradient grows fastest"),
        "lstm.fastest_bias": _pick.setting(
            row["forget_bias"], "the forget bias at which the LSTM's gradient grows fastest"
        ),
        "lstm.fastest_lags": _pick.setting(
            row["lags"], "largest lag at which the fastest growth was measured, in steps", "reach"
        ),
        "lstm.fastest_factor": Value(over, wording.power(over), meaning, "reach", _pick.LOG10, n=int(row["n"])),
    }


def _long(rows: pd.DataFrame) -> dict[str, Any] | None:
    """Return the row at the long lag, or None if there is none."""
    row = at_lags(rows).get("long")
    return None if row is None else row.to_dict()


NUMBERS = Numbers(("points", "reach", "lag_profile", "article_gap", "carry_share", "growth", "phase"), make)
