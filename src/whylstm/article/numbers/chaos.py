"""Section 2: the bounded LSTM that explodes, exponents over long runs, and the theory of wide networks."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from whylstm import wording
from whylstm.article.numbers import _pick
from whylstm.article.values import Numbers, Value

if TYPE_CHECKING:
    import pandas as pd

CLOSE = math.log(10) * 2 / 100
"""Nats per step within which the theory counts as right: two decades in a hundred steps, as in figure 11."""


TOLD = {"right": "right", "low": "too low", "high": "too high"}


def make(tables: Mapping[str, pd.DataFrame], claims: Mapping[str, dict[str, Any]]) -> dict[str, Value]:
    """Return the two-unit network's numbers, the LSTM's exponents in the long run, and where the theory is right."""
    motion = two_units(tables["two_unit_lstm"], tables["two_unit_exponents"])
    return motion | in_the_long_run(tables["exponent_summary"]) | theory(tables["theory_gap"])


def two_units(steps: pd.DataFrame, exponents: pd.DataFrame) -> dict[str, Value]:
    """Return how far the two-unit network moves, how its gradient and its forget gates end, and its exponent."""
    end = steps.nlargest(1, "step").iloc[0]
    box = float(steps[["h_1", "h_2", "c_1", "c_2"]].abs().max(axis=None))
    last = exponents[exponents["index"] == 1].nlargest(1, "steps").iloc[0]
    name, table = "two_unit_lstm", "two_unit_exponents"

    def rate(column: str, meaning: str, digits: int) -> Value:
        return Value(float(last[column]), wording.significant(last[column], digits), meaning, table, "nats per step")

    def size(column: str, meaning: str) -> Value:
        return Value(float(end[column]), wording.power(end[column]), meaning, name, _pick.LOG10)

    return {
        "chaos.steps": _pick.setting(end["step"], "steps of the motion of the two-unit LSTM", name),
        "chaos.box": Value(box, wording.significant(box), "largest size of any part of its state", name),
        "chaos.gradient": size("log10_gradient", "norm of its gradient from the start to the last step"),
        "chaos.forget": size("log10_forget_product", "norm of its product of forget gates by then"),
        "chaos.exponent": rate("value", "its largest Lyapunov exponent over the longest run", 2),
        "chaos.error": rate("error", "standard error of that exponent, from block means", 1),
        "chaos.longest": _pick.setting(last["steps"], "steps of that run", table),
    }


def in_the_long_run(table: pd.DataFrame) -> dict[str, Value]:
    """Return in how many settings of the LSTM the largest exponent of long runs is above 0 with its whole interval."""
    rows = table[(table["cell"] == "lstm") & (table["index"] == 1) & (table["signs"] == "own")]
    if rows.empty:
        return {}
    name = "exponent_summary"
    return {
        "chaos.settings": _pick.tally(
            len(rows), "settings of the LSTM whose exponents were measured in long runs", name
        ),
        "chaos.chaotic": _pick.tally(
            int((rows["exponent_low"] > 0).sum()), "of them with the whole interval of λ₁ above 0: chaotic motion", name
        ),
        "chaos.run": _pick.setting(rows["steps"].max(), "steps over which the exponents are averaged", name),
    }


def theory(table: pd.DataFrame) -> dict[str, Value]:
    """Return in how many settings mean-field theory is right, and predicts too little or too much growth.

    The first are those of networks as they are, the second (``random_``) of the same runs with random signs.
    """
    if table.empty:
        return {}
    name, own = "theory_gap", table[table["signs"] == "own"]
    found = {
        "chaos.theory_settings": _pick.tally(len(own), "settings with a mean-field prediction and a measurement", name),
        "chaos.theory_hidden": _pick.setting(table["hidden"].max(), "hidden units of the measured networks", name),
    }
    for key, signs, what in (("", "own", "networks as they are"), ("random_", "random", "networks with random signs")):
        rows = table[table["signs"] == signs]
        low, high = rows["difference_low"], rows["difference_high"]
        kinds = {"right": (low > -CLOSE) & (high < CLOSE), "low": high < -CLOSE, "high": low > CLOSE}
        for kind, which in kinds.items():
            meaning = f"settings for which the theory is {TOLD[kind]}, by the whole interval, of {what}"
            found[f"chaos.theory_{key}{kind}"] = _pick.tally(int(which.sum()), meaning, name)
    return found


NUMBERS = Numbers(("two_unit_lstm", "two_unit_exponents", "exponent_summary", "theory_gap"), make)
