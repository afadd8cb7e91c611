"""Sections 2 and 3: what interventions on the paths do to the gradient, and how far attention reaches."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from whylstm import selection
from whylstm.article.numbers import _laboratory, _pick
from whylstm.article.values import Numbers, Value

if TYPE_CHECKING:
    import pandas as pd

DONE = {
    "cut": ("cut_recurrence", "every path through a recurrent matrix is cut"),
    "signs": ("scramble_signs", "all that passes a recurrent matrix gets random signs, anew at each step"),
    "frozen": ("freeze_carry", "every forget gate stays at its mean"),
    "shuffled": ("shuffle_gates", "the steps come in another order"),
}
GAIN = 1.0


def make(tables: Mapping[str, pd.DataFrame], claims: Mapping[str, dict[str, Any]]) -> dict[str, Value]:
    """Return what is left of the LSTM's gradient after each intervention, and of inputs at the largest lag."""
    return interventions(tables["intervention_effect"]) | attention(tables["attention_reach"])


def interventions(table: pd.DataFrame) -> dict[str, Value]:
    """Return the change of the gradient at the largest lag, at both forget biases, at the gain nearest to 1."""
    name, found = "intervention_effect", {}
    rows = table[(table["cell"] == "lstm") & (table["lag"] == table["lag"].max())]
    for which, bias in _laboratory.biases(rows, "lstm").items():
        chosen = selection.rows_of(rows, forget_bias=bias, gain=selection.nearest(rows["gain"], GAIN))
        for key, (intervention, words) in DONE.items():
            row = selection.rows_of(chosen, intervention=intervention).iloc[0]
            meaning = f"norm of the gradient when {words}, over the norm before, at the {which}est forget bias"
            found[f"paths.{key}_{which}"] = _pick.norm(row, meaning, name)
        found[f"paths.bias_{which}"] = _pick.setting(bias, f"the {which}est forget bias", name)
        found["paths.gain"] = _pick.setting(chosen["gain"].iloc[0], "gain at which the interventions are told", name)
        found["paths.lag"] = _pick.setting(chosen["lag"].iloc[0], "lag at which the interventions are told", name)
    return found


def attention(table: pd.DataFrame) -> dict[str, Value]:
    """Return what attention, and the LSTM at both forget biases, have left of lag 1 at the largest lag."""
    name, last = "attention_reach", table[table["lag"] == table["lag"].max()]
    rows = {"attention": _laboratory.of(last, "attention", column="kind")}
    biases = _laboratory.biases(last, "lstm", "kind")
    rows |= {which: _laboratory.of(last, "lstm", bias, "kind") for which, bias in biases.items()}
    found = {"paths.reach_lag": _pick.setting(last["lag"].max(), "largest lag of the inputs", name)}
    for which, chosen in rows.items():
        if len(chosen):
            what = "attention" if which == "attention" else f"the LSTM at its {which}est forget bias"
            meaning = f"how strongly the output of {what} depends on the input at the largest lag, relative to lag 1"
            found[f"paths.reach_{which}"] = _pick.norm(_laboratory.estimate(chosen.iloc[0], "change"), meaning, name)
    found |= {
        f"paths.reach_bias_{which}": _pick.setting(bias, "its forget bias", name) for which, bias in biases.items()
    }
    return found


NUMBERS = Numbers(("intervention_effect", "attention_reach"), make)
