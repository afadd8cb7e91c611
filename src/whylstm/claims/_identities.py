"""Equations held against automatic differentiation: how large the error is, and in which cells they are right."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from whylstm.claims._scale import DIFFERENT, EQUAL
from whylstm.claims.base import Number
from whylstm.wording import listed

if TYPE_CHECKING:
    import pandas as pd

    from whylstm.claims.base import Tables, Verdict

TABLE = "identities"


@dataclass(frozen=True)
class Equation:
    """The errors of one equation, log₁₀ relative, and the cells in which every replicate agrees about it.

    Attributes:
        rows: one row per cell and replicate.
        right: cells in which both sides are equal.
        wrong: cells in which they differ.
        open: the other cells.
    """

    rows: pd.DataFrame
    right: list[str]
    wrong: list[str]
    open: list[str]

    @property
    def numbers(self) -> tuple[int, int, int]:
        """The numbers of cells: right, wrong, open."""
        return len(self.right), len(self.wrong), len(self.open)

    def error(self, what: str, cells: list[str] | None = None) -> Number:
        """Return the median error with its smallest and largest, over all cells or these, as a power of ten."""
        rows = self.rows if cells is None else self.rows[self.rows["cell"].isin(cells)]
        errors = rows["log10_error"]
        if errors.empty:
            return Number(None, what, "log10", n=0, form="power")
        middle = float(errors.quantile(0.5, interpolation="lower"))  # no mean of -inf and a number
        return Number(middle, what, "log10", float(errors.min()), float(errors.max()), len(errors), "power")


def equation(tables: Tables, identity: str) -> Equation:
    """Return the errors of one equation."""
    rows = tables[TABLE][tables[TABLE]["identity"] == identity]
    kinds: dict[str, list[str]] = {"right": [], "wrong": [], "open": []}
    for cell, errors in rows.groupby("cell")["log10_error"]:
        right, wrong = (errors <= EQUAL).all(), (errors >= DIFFERENT).all()
        kinds["right" if right else "wrong" if wrong else "open"].append(str(cell))
    return Equation(rows, **kinds)


def verdict(right: float, wrong: float, undecided: float) -> Verdict:
    """Return the verdict on an equation from the numbers of cells in which it is right, wrong, or neither."""
    if undecided or not right + wrong:
        return "undecided"
    if right and wrong:
        return "holds under conditions"
    return "holds" if right else "refuted"


def cells(equation: Equation) -> dict[str, Number]:
    """Return the numbers of cells as numbers of a claim."""
    names = ("n_right", "n_wrong", "n_open")
    words = ("is right", "is wrong", "is neither surely right nor wrong")
    return {
        name: Number(count, f"cells in which the equation {word}", "cells", n=len(equation.rows), form="count")
        for name, word, count in zip(names, words, equation.numbers, strict=True)
    }


def words(equation: Equation) -> dict[str, str]:
    """Return the names of the cells, as lists in a sentence."""
    return {"right": listed(equation.right), "wrong": listed(equation.wrong), "open": listed(equation.open)}
