"""Section 1: what products of factors below or above one do, and the wall in the error of one unit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from whylstm import wording
from whylstm.article.numbers import _pick
from whylstm.article.values import Numbers, Value

if TYPE_CHECKING:
    import pandas as pd

MOVED = 1.0
"""Decades by which a product must have changed to count as vanished or exploded, as in figure 1."""


def make(tables: Mapping[str, pd.DataFrame], claims: Mapping[str, dict[str, Any]]) -> dict[str, Value]:
    """Return how many exact products do what their factors suggest, and how steep the cliff is."""
    return counted(tables["counterexamples"]) | cliff(tables["cliff"])


def counted(cases: pd.DataFrame) -> dict[str, Value]:
    """Return the number of cases and of those that surprise."""
    last = cases.sort_values("lag").groupby("case").last()
    norm = last["log10_norm"]
    does = norm.map(lambda log: "vanishes" if log < -MOVED else "explodes" if log > MOVED else "stays")
    table = "counterexamples"
    return {
        "products.total": _pick.tally(len(last), "exact products of small factors", table),
        "products.wrong": _pick.tally(
            int((does != last["suggests"]).sum()),
            "of them that do not do what the size of their factors suggests",
            table,
        ),
        "products.factors": _pick.setting(last["lag"].max(), "number of factors in each product", table),
    }


def cliff(cut: pd.DataFrame) -> dict[str, Value]:
    """Return the largest gradient along the cut, the largest at its ends, and where the wall stands."""
    rows = cut.sort_values("bias")
    top, plain = rows["log10_gradient"].max(), rows["log10_gradient"].iloc[[0, -1]].max()

    def size(log10: float, meaning: str) -> Value:
        return Value(float(log10), wording.power_of_ten(float(log10), 1), meaning, "cliff", _pick.LOG10)

    border = float(rows["border"].iloc[0])
    return {
        "products.cliff": size(top, "largest size of the derivative of the error with respect to the bias"),
        "products.plain": size(plain, "the same at the ends of the cut"),
        "products.border": Value(border, wording.decimals(border), "bias at which the start is a fixed point", "cliff"),
        "products.weight": _pick.setting(rows["weight"].iloc[0], "weight of the unit", "cliff"),
    }


NUMBERS = Numbers(("counterexamples", "cliff"), make)
