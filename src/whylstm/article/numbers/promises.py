"""Section 2: how long units remember beside what forget bias and chrono promise, and what a long memory costs."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from whylstm import selection, wording
from whylstm.article.numbers import _laboratory, _pick
from whylstm.article.values import Numbers, Value

if TYPE_CHECKING:
    import pandas as pd

BIAS = 4.0


def make(tables: Mapping[str, pd.DataFrame], claims: Mapping[str, dict[str, Any]]) -> dict[str, Value]:
    """Return promise and measurement of networks that are driven by noise, and the curse of memory."""
    driven = tables["half_life_summary"]
    driven = driven[driven["input_scale"] == driven["input_scale"].max()]
    return half_life(driven) | chrono(driven) | curse(tables["curse_of_memory"])


def half_life(table: pd.DataFrame) -> dict[str, Value]:
    """Return the half-life of the median unit at a large forget bias, with the one that gates at rest would have."""
    rows = selection.rows_of(table, law="constant")
    if rows.empty:
        return {}
    row = selection.rows_of(rows, setting=selection.nearest(rows["setting"], BIAS)).iloc[0]
    shown = _laboratory.estimate(row, "half_life")
    meaning = "half-life of the median unit, in steps, of an LSTM driven by noise"
    promised, table_name = float(row["predicted"]), "half_life_summary"
    return {
        "promises.bias": _pick.setting(row["setting"], "the forget bias at which half-lives are told", table_name),
        "promises.half_life": _pick.estimate(shown, "median", meaning, table_name, 2),
        "promises.half_life_promised": Value(
            promised, wording.significant(promised), "the half-life if the gate stood at σ(b)", table_name, "steps"
        ),
    }


def chrono(table: pd.DataFrame) -> dict[str, Value]:
    """Return what units keep of a signal after the longest T of chrono initialisation, and what is promised."""
    rows = selection.rows_of(table, law="chrono")
    if rows.empty:
        return {}
    row = rows.nlargest(1, "setting").iloc[0]
    low, value, high = (float(row[name]) for name in ("kept_low", "kept", "kept_high"))
    promised = float(row["kept_predicted"])
    meaning, name = "mean over units of f to the power T, LSTM with chrono initialisation, noise", "half_life_summary"
    span = wording.between(wording.percent(low), wording.percent(high))
    return {
        "promises.t_max": _pick.setting(row["setting"], "T, the longest dependency that chrono expects", name),
        "promises.kept": Value(value, wording.percent(value), meaning, name, "1", low, high, int(row["n"]), span),
        "promises.kept_promised": Value(
            promised, wording.percent(promised), "E₂(1): that mean for gates at rest and large T", name
        ),
    }


def curse(table: pd.DataFrame) -> dict[str, Value]:
    """Return by which factor the squared sensitivity grows from the shortest memory to the longest."""
    name = "curse_of_memory"
    found = {
        "promises.shortest": _pick.setting(table["memory"].min(), "shortest memory, in steps", name),
        "promises.longest": _pick.setting(table["memory"].max(), "longest memory, in steps", name),
    }
    for unit, rows in table.sort_values("memory").groupby("unit"):
        factor = math.log10(rows["theory"].iloc[-1] / rows["theory"].iloc[0])
        meaning = f"factor by which the squared sensitivity of a {unit} unit to its eigenvalue grows between them"
        found[f"promises.curse_{unit}"] = Value(factor, wording.power_of_ten(factor), meaning, name, _pick.LOG10)
    return found


NUMBERS = Numbers(("half_life_summary", "curse_of_memory"), make)
