"""C10: a product of forget gates cannot explode.

f is a logistic function, so each factor lies between 0 and 1 and the product can only shrink: it holds by construction,
and the measurement looks for a mistake. It is a statement about Π f, *not* about the gradient of the whole state, which
is C11; the article passes from the one to the other. All cells with a memory take part, since a cell with an
exponential gate could break it. Threshold: the largest Π f over lags, windows and replicates may exceed 1 by 1e-9
decades, more than the rounding of the logarithms (1e-13) and nothing else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from whylstm.claims.base import Claim, Measure, Number
from whylstm.wording import listed

if TYPE_CHECKING:
    from whylstm.claims.base import Tables, Verdict

ROUNDING = 1e-9


def measure(tables: Tables) -> Measure:
    """Return the largest Π f of every setting with a memory, and the cells in which it exceeds 1."""
    found = peaks(tables)
    above = found["peak"] > ROUNDING
    cells = {kind: sorted(found.loc[rows, "cell"].unique()) for kind, rows in (("below", ~above), ("above", above))}
    total = len(found)
    largest = None if found.empty else float(found["peak"].max())
    return Measure(
        {
            "n_points": Number(total, "settings of cells with a memory", "points", form="count"),
            "n_below": Number(int((~above).sum()), "settings in which Π f never exceeds 1", "points", form="count"),
            "n_above": Number(int(above.sum()), "settings in which Π f exceeds 1", "points", form="count"),
            "largest": Number(
                largest, "largest Π f over settings, replicates, windows and lags, root mean square over units", (
                    "log10"
                ),
                n=total, form="power",
            ),
        },
        {"cells": listed(cells["below"]), "others": listed(cells["above"])},
    )  # fmt: skip


def peaks(tables: Tables) -> pd.DataFrame:
    """Return the cell and the largest Π f (log₁₀, root mean square over units) of every point with a memory."""
    largest = tables["networks"].dropna(subset=["carry_peak"]).groupby("point", as_index=False)["carry_peak"].max()
    found = largest.merge(tables["points"][["point", "cell", "hidden"]], on="point")
    return found.assign(peak=found["carry_peak"] - 0.5 * np.log10(found["hidden"].astype(float)))


def judge(measure: Measure) -> Verdict:
    """Return holds if it exceeds 1 nowhere, refuted if everywhere, and under conditions if in some settings."""
    if not measure["n_points"]:
        return "undecided"
    if not measure["n_above"]:
        return "holds"
    return "holds under conditions" if measure["n_below"] else "refuted"


CLAIM = Claim(
    id="C10",
    place="Section 2, after the product of forget gates; section 3",
    paraphrase="A product of forget gates cannot explode.",
    statistic="Largest Π f, root mean square over units, over all lags, windows, replicates and settings with a memory",
    rule=(
        "Π f exceeds 1 (by more than 1e-9 decades) in no setting with a memory: holds; in every one: refuted; in some: "
        "holds under conditions; no such setting: undecided."
    ),
    conditions=(
        "The product of forget gates alone. What becomes of the gradient of the whole state is another statement (C11)."
    ),
    tables=("networks", "points"),
    number="largest",
    figure="fig08_chaotic_two_unit_lstm",
    measure=measure,
    judge=judge,
    titles={
        "holds": "The product of forget gates never exceeds one",
        "holds under conditions": "The product of forget gates exceeds one in some settings",
        "refuted": "The product of forget gates exceeds one",
        "undecided": "Whether the product of forget gates exceeds one stays open",
    },
    sentences={
        "holds": (
            "Π f is a product of numbers between 0 and 1: in none of {n_points} settings with a memory it exceeds one "
            "at any lag (largest: {largest}). That says nothing yet about the gradient of the whole state."
        ),
        "holds under conditions": (
            "Π f stays below one in {n_below} of {n_points} settings ({cells}), and exceeds it in {n_above} ({others}; "
            "at most {largest})."
        ),
        "refuted": "Π f exceeds one in all {n_points} settings with a memory, up to {largest}.",
        "undecided": "The study has no setting with a memory in which to look.",
    },
)
