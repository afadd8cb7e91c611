"""Figure 1: products of factors that are "below one" or "above one" in one sense or another, and what becomes of them.

The article argues with numbers. Above: three sequences of numbers below one, of which one vanishes. Below: sequences of
matrices, whose norm or spectral radius says as little about their product. All are exact; nothing is drawn at random.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from whylstm import wording
from whylstm.figures import style
from whylstm.figures.base import Figure, judge

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Picture

    from whylstm.figures.base import Claims, Tables

NUMBERS = {"uniformly_below_one": "0.9", "below_one_not_in_size": "−1.2", "below_one_not_uniformly": "1−1/(k+1)²"}
MATRICES = {
    "below_one_in_radius": "radius ½",
    "rotation": "norm 1",
    "above_one_in_norm": "norm 2",
    "nilpotent": "norm 2",
}
"""The cases that are drawn, by panel, each with what its factors are."""
MOVED = 1.0
"""Decades by which a product must have changed to count as vanished or exploded."""
BELOW = 0.08
"""How far below the smallest norm a product that is exactly zero is drawn, as part of the panel's height."""


def picture(tables: Tables, claims: Claims) -> Picture:
    """Return one panel of products of numbers, and one of products of matrices."""
    figure = style.canvas(5.4)
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=[1.0, 1.25])
    draw_panel(above, tables, NUMBERS, "numbers, every one below 1")
    draw_panel(below, tables, MATRICES, "matrices, every one of the same size")
    below.set_xlabel("number of factors k")
    return figure


def draw_panel(axes: Axes, tables: Tables, cases: dict[str, str], title: str) -> None:
    """Draw the norm of each product against the number of its factors, labelled with its factors and its end."""
    import numpy as np

    rows = {case: product(tables, case) for case in cases}
    norms = np.concatenate([found["log10_norm"] for found in rows.values()])
    finite = norms[np.isfinite(norms)]
    floor = finite.min() - BELOW * np.ptp(finite)
    for place, (case, factor) in enumerate(cases.items()):
        norm = rows[case]["log10_norm"].clip(lower=floor)
        says = f"each: {size(rows[case]['log10_norm'].iloc[-1])}"
        style.line(axes, rows[case]["lag"], norm, norm, norm, style.look(place, factor), says=says)
    axes.set_title(title)
    axes.set_ylabel("norm of the product")
    axes.margins(x=0)
    style.powers_of_ten(axes.yaxis)


def size(log10: float) -> str:
    """Return a norm as a power of ten, one that has stayed near 1 as a number."""
    return wording.number(10**log10) if abs(log10) < MOVED else wording.power(log10)


def product(tables: Tables, case: str) -> pd.DataFrame:
    """Return one case in order of the number of factors; none of its rows if the table lacks it."""
    table = tables["counterexamples"]
    return table[table["case"] == case].sort_values("lag")


def outcomes(tables: Tables) -> pd.DataFrame:
    """Return what each product was suggested to do, and what it ``does`` by its last factor: one row per case."""
    import numpy as np

    last = tables["counterexamples"].sort_values("lag").groupby("case", as_index=False).last()
    norm = last["log10_norm"]
    return last.assign(does=np.where(norm < -MOVED, "vanishes", np.where(norm > MOVED, "explodes", "stays")))


def verdict(tables: Tables, claims: Claims) -> str:
    """Return whether every product does what the size of its factors suggests."""
    found = outcomes(tables)
    right = int((found["does"] == found["suggests"]).sum())
    return judge(right, len(found) - right, len(found))


def facts(tables: Tables, claims: Claims) -> dict[str, str]:
    """Return how many products do as suggested, and what each does."""
    found = outcomes(tables)
    wrong = found[found["does"] != found["suggests"]]
    return {
        "factors": str(int(found["lag"].max())),
        "total": str(len(found)),
        "right": str(len(found) - len(wrong)),
        "wrong": str(len(wrong)),
        "each": "; ".join(found["sentence"]),
    }


FIGURE = Figure(
    number=1,
    tables=("counterexamples",),
    picture=picture,
    verdict=verdict,
    titles={
        "holds": "All {total} products do what the size of their factors suggests",
        "holds under conditions": (
            "Factors below or above one decide little: {wrong} of {total} products do not do what their factors suggest"
        ),
        "refuted": "None of {total} products does what the size of its factors suggests",
        "undecided": "Whether products do what the size of their factors suggests stays open",
    },
    facts=facts,
    caption=(
        "Norm of products of up to {factors} factors that are all below 1, or all of one size, in some sense. Of "
        "{total} exact cases, {right} do what the size of their factors suggests. Radius: spectral radius of every "
        "factor, here of upper and lower triangular matrices in turn; norm: spectral norm of every factor: of "
        "rotations, of matrices that stretch and shrink two axes in turn, and of one whose square is zero, drawn at "
        "the bottom."
    ),
    alt=(
        "Two line charts on logarithmic axes of the norm of a product against the number of its factors, one for "
        "numbers and one for matrices. In words: {each}."
    ),
)
