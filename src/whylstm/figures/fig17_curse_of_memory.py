"""Figure 17: the curse of memory: a linear unit that remembers longer reacts more strongly to its own eigenvalue.

E(dh/dλ)² = (1 + λ²)/(1 - λ²)³ for h' = λh + x with white input (Zucchet & Orvieto 2024), in closed form and simulated,
and the same with the input scaled by √(1-λ²), as in an LRU. No gradient vanishes or explodes here: |λ| < 1.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from whylstm import wording
from whylstm.figures import _choose, style
from whylstm.figures.base import Figure, judge

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Picture

    from whylstm.figures.base import Claims, Tables

UNITS = {"plain": style.look(1, "plain"), "normalised": style.look(0, "normalised")}
ERRORS = 2.0
"""Half the width of the intervals, in standard errors."""


def picture(tables: Tables, claims: Claims) -> Picture:
    """Return the sensitivity against the memory, one line per kind of unit, with its closed form."""
    figure = style.canvas(3.6)
    axes = figure.subplots()
    draw(axes, tables)
    return figure


def draw(axes: Axes, tables: Tables) -> None:
    """Draw simulation and theory on logarithmic axes."""
    import numpy as np

    axes.set_xscale("log")
    for unit, how in UNITS.items():
        rows = of(tables, unit)
        middle, low, high = (np.log10(values) for values in interval(rows))
        style.line(axes, rows["memory"], middle, low, high, how, says="\n" + wording.power(middle.iloc[-1]))
        style.theory(axes, rows["memory"].to_numpy(), np.log10(rows["theory"].to_numpy()), "theory")
    axes.set_title("reaction of the output to the eigenvalue")
    axes.set_ylabel("E (dh/dλ)²")
    axes.set_xlabel("memory of the unit (steps)")
    axes.margins(x=0.02)
    style.whole_numbers(axes.xaxis)
    style.powers_of_ten(axes.yaxis)


def of(tables: Tables, unit: str) -> pd.DataFrame:
    """Return the rows of one kind of unit in order of the memory."""
    return _choose.rows_of(tables["curse_of_memory"], "curse_of_memory", unit=unit).sort_values("memory")


def interval(rows: pd.DataFrame) -> tuple[pd.Series, pd.Series, pd.Series]:
    """Return the simulated mean and its interval, the lower end kept above 0."""
    mean, error = rows["simulated"], ERRORS * rows["error"]
    return mean, (mean - error).clip(lower=1e-3 * mean), mean + error


def verdict(tables: Tables, claims: Claims) -> str:
    """Return whether a longer memory always means a stronger reaction, from one memory to the next."""
    rises, falls, total = 0, 0, 0
    for unit in UNITS:
        _, low, high = interval(of(tables, unit))
        rises += int((low.to_numpy()[1:] > high.to_numpy()[:-1]).sum())
        falls += int((high.to_numpy()[1:] < low.to_numpy()[:-1]).sum())
        total += len(low) - 1
    return judge(rises, falls, total)


def facts(tables: Tables, claims: Claims) -> dict[str, str]:
    """Return how much stronger the longest memory reacts than the shortest, and how far theory and simulation agree."""
    rows = tables["curse_of_memory"]
    deviation = ((rows["simulated"] - rows["theory"]).abs() / rows["error"]).max()
    ends = {unit: of(tables, unit)["theory"].iloc[[0, -1]].to_list() for unit in UNITS}
    return {
        "short": wording.number(rows["memory"].min()),
        "long": wording.number(rows["memory"].max()),
        "times": wording.number(rows["memory"].max() / rows["memory"].min()),
        "plain": wording.power(math.log10(ends["plain"][1] / ends["plain"][0])),
        "normalised": wording.power(math.log10(ends["normalised"][1] / ends["normalised"][0])),
        "deviation": wording.number(deviation),
        "runs": f"{int(rows['runs'].min()):,}",
    }


FIGURE = Figure(
    number=17,
    tables=("curse_of_memory",),
    picture=picture,
    verdict=verdict,
    titles={
        "holds": (
            "The curse of memory: {times} times the memory, {plain} times the reaction to the eigenvalue "
            "({normalised} if normalised)"
        ),
        "holds under conditions": "A longer memory makes a unit more sensitive to its eigenvalue in places only",
        "refuted": "A longer memory makes a unit less sensitive to its eigenvalue",
        "undecided": "Whether a longer memory makes a unit more sensitive to its eigenvalue stays open",
    },
    facts=facts,
    caption=(
        "Mean squared derivative of a linear unit’s output with respect to its own eigenvalue λ, white input, against "
        "its memory −1/ln λ. Plain: h(t) = λh(t−1) + x(t); normalised: the input times √(1−λ²), as in an LRU. Lines: "
        "means over {runs} simulated sequences, with two standard errors either way (too narrow to see); dashed: "
        "closed forms (Zucchet and Orvieto 2024), at most {deviation} standard errors away."
    ),
    alt=(
        "Line chart, both axes logarithmic, of the squared sensitivity against memories from {short} to {long} steps. "
        "It grows by a factor of {plain} for a plain unit and of {normalised} for a normalised one; theory and "
        "simulation lie on each other."
    ),
)
