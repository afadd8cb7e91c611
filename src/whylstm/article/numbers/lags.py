"""Section 1: from how far back the parameter gradient comes, how much of it is signal, and in how many directions."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from whylstm import selection, wording
from whylstm.article.numbers import _laboratory, _pick
from whylstm.article.values import Numbers, Value

if TYPE_CHECKING:
    import pandas as pd

HALF = 0.5


def make(tables: Mapping[str, pd.DataFrame], claims: Mapping[str, dict[str, Any]]) -> dict[str, Value]:
    """Return the last steps that hold half of the gradient, its noise, and the effective ranks at the largest lag."""
    return halves(tables["parameter_reach"]) | noise(tables["parameter_noise"]) | ranks(tables["effective_rank"])


def halves(table: pd.DataFrame) -> dict[str, Value]:
    """Return for the LSTM at its smallest and largest forget bias how many last steps hold half of the gradient."""
    found: dict[str, Value] = {}
    for which, bias in _laboratory.biases(table, "lstm").items():
        row = selection.rows_of(_laboratory.of(table, "lstm", bias), part=HALF).iloc[0]
        ends = [math.ceil(row[name]) + 1 for name in ("lag", "lag_low", "lag_high")]
        meaning = f"last steps that hold half of the LSTM's parameter gradient at the {which}est forget bias"
        span = wording.between(*map(wording.count, ends[1:]))
        found[f"lags.half_{which}"] = Value(
            ends[0], wording.count(ends[0]), meaning, "parameter_reach", "steps", ends[1], ends[2], int(row["n"]), span
        )
        found[f"lags.bias_{which}"] = _pick.setting(bias, f"the {which}est forget bias", "parameter_reach")
    return found


def noise(table: pd.DataFrame) -> dict[str, Value]:
    """Return for the LSTM at both forget biases how many sequences hold as much signal of the gradient as noise.

    And over how many last steps a step's contribution has a mean that is not 0, by the interval of its signal.
    """
    found: dict[str, Value] = {}
    for which, bias in _laboratory.biases(table, "lstm").items():
        rows = _laboratory.of(table, "lstm", bias).sort_values("lag")
        heard, whole = int((rows["ratio_low"] > 0).cumprod().sum()), rows.iloc[0]
        if whole["whole_low"] > 0:
            row = {"median": 1 / whole["whole"], "low": 1 / whole["whole_high"], "high": 1 / whole["whole_low"]}
            meaning = f"sequences that hold as much signal as noise of the LSTM's gradient, {which}est forget bias"
            found[f"lags.batch_{which}"] = _pick.estimate(
                row | {"n": whole["n"]}, "median", meaning, "parameter_noise", 2
            )
        meaning = f"last steps whose contribution to the LSTM's gradient has a signal, {which}est forget bias"
        found[f"lags.heard_{which}"] = _pick.tally(heard, meaning, "parameter_noise")
    return found


def ranks(table: pd.DataFrame) -> dict[str, Value]:
    """Return the effective rank of the tanh network and of the LSTM at both forget biases, at the largest lag."""
    last = table[table["lag"] == table["lag"].max()]
    rows = {"tanh": _laboratory.of(last, "tanh")}
    rows |= {which: _laboratory.of(last, "lstm", bias) for which, bias in _laboratory.biases(last, "lstm").items()}
    found = {
        "lags.rank_lag": _pick.setting(last["lag"].max(), "largest lag at which ranks are shown", "effective_rank")
    }
    for which, chosen in rows.items():
        if len(chosen):
            row = chosen.iloc[0]
            what = "tanh network" if which == "tanh" else f"LSTM at the {which}est forget bias"
            meaning = f"effective rank of the lag Jacobian of the {what}, of at most {row['size']}"
            shown = _laboratory.estimate(row, "rank")
            found[f"lags.rank_{which}"] = _pick.estimate(shown, "median", meaning, "effective_rank", 2)
            found[f"lags.rank_bias_{which}"] = _pick.setting(row["forget_bias"], "its forget bias", "effective_rank")
    return {key: value for key, value in found.items() if key != "lags.rank_bias_tanh"}


NUMBERS = Numbers(("parameter_reach", "parameter_noise", "effective_rank"), make)
