"""Figure 4: the detour through h beside the forget-gate path, which the article sets equal.

The left side of its equality, Π (∂h_i/∂C_i)(∂C_i/∂h_{i-1}), passes the recurrent matrices at every step; the right
side, (∂h_t/∂C_t) Π f (∂C_{t-k+1}/∂h_{t-k}), passes them once. They are different terms of one sum.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from whylstm import selection, wording
from whylstm.figures import _choose, _labels, style
from whylstm.figures.base import Figure, verdict_of

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Picture

    from whylstm.figures.base import Claims, Tables

CAROUSEL, DETOUR = style.look(0, "forget-gate\npath"), style.look(1, "detour\nthrough h")
NEAR = 10
"""Lag at which all settings are compared."""
GAINS = (0.0, 1.0, 1e9)
"""Of the grid's gains: the smallest, the one nearest to 1, the largest."""


def picture(tables: Tables, claims: Claims) -> Picture:
    """Return the two norms against the lag above, and their ratio at one lag over all settings below."""
    figure = style.canvas(6.0)
    above, below = figure.subplots(2, 1)
    draw_norms(above, tables)
    draw_ratios(below, tables)
    return figure


def draw_norms(axes: Axes, tables: Tables) -> None:
    """Draw both norms against the lag at the main setting, each with its value at the largest lag."""
    point = _choose.point(tables["points"], "lstm")
    for quantity, how in (("carousel", CAROUSEL), ("detour", DETOUR)):
        rows = profile(tables, quantity)
        says = wording.power(rows["median"].iloc[-1])
        style.line(axes, rows["lag"], rows["median"], rows["low"], rows["high"], how, says=says)
    axes.set_title(f"LSTM, {selection.setting(point)}")
    axes.set_xlabel("lag k (steps)")
    axes.set_ylabel("norm of the term")
    axes.margins(x=0)
    style.powers_of_ten(axes.yaxis)


def draw_ratios(axes: Axes, tables: Tables) -> None:
    """Draw detour over forget-gate path against the forget bias, one line per gain, and where they would be equal."""
    rows = ratios(tables)
    for place, gain in enumerate(sorted({selection.nearest_gain(rows["gain"], gain) for gain in GAINS})):
        line = rows[rows["gain"] == gain].sort_values("forget_bias")
        how = style.look(2 + place, f"gain {wording.number(gain)}")
        style.line(axes, line["forget_bias"], line["median"], line["low"], line["high"], how)
    style.zero_line(axes)
    _labels.end(axes, 0.0, "equal", style.INK)
    axes.set_title(f"all settings at lag {int(rows['lag'].iloc[0])}")
    axes.set_xlabel("forget bias")
    axes.set_ylabel("detour over\nforget-gate path")
    axes.margins(x=0.03)
    style.powers_of_ten(axes.yaxis)


def profile(tables: Tables, quantity: str) -> pd.DataFrame:
    """Return the norm of one term at the main setting, in order of the lag; at lag 1 the two are the same term."""
    point = _choose.point(tables["points"], "lstm")["point"]
    rows = _choose.rows_of(tables["lag_profile"], "lag_profile", point=point, quantity=quantity)
    return rows.sort_values("lag")


def ratios(tables: Tables) -> pd.DataFrame:
    """Return detour over forget-gate path (log10) with gain and forget bias, at the lag nearest to the wanted one."""
    grid = _choose.grid(tables["points"], "lstm")[["point", "gain", "forget_bias"]]
    rows = _choose.rows_of(tables["article_gap"], "article_gap", comparison="detour_to_carousel").merge(
        grid, on="point"
    )
    return rows[rows["lag"] == selection.nearest(rows["lag"], NEAR)]


def facts(tables: Tables, claims: Claims) -> dict[str, str]:
    """Return both norms at the largest lag, how far they are apart, and in how many settings they differ."""
    ends = {quantity: profile(tables, quantity)["median"].iloc[-1] for quantity in ("carousel", "detour")}
    point, over = _choose.point(tables["points"], "lstm"), ratios(tables)
    rows = _choose.rows_of(
        tables["article_gap"], "article_gap", point=point["point"], comparison="detour_to_carousel"
    ).sort_values("lag")
    last = rows.iloc[-1]
    low, high = sorted(abs(last[end]) for end in ("low", "high"))
    return {
        "apart": wording.decades(last["median"]),
        "interval": f"{wording.decades(low).split()[0]} to {wording.decades(high)}",
        "lag": str(int(last["lag"])),
        "near": str(int(over["lag"].iloc[0])),
        "carousel": wording.power(ends["carousel"]),
        "detour": wording.power(ends["detour"]),
        "setting": selection.setting(point),
        "hidden": str(point["hidden"]),
        "replicates": wording.span(*_choose.replicates(rows, over)),
        "coverage": _choose.coverage(rows, over),
        "smaller": str(int((over["high"] < 0).sum())),
        "larger": str(int((over["low"] > 0).sum())),
        "total": str(len(over)),
    }


FIGURE = Figure(
    number=4,
    tables=("lag_profile", "article_gap", "points"),
    picture=picture,
    verdict=verdict_of("C8"),
    titles={
        "holds": "The detour through h equals the forget-gate path, as the article says",
        "holds under conditions": (
            "The detour through h equals the forget-gate path in places only: here they end {apart} apart"
        ),
        "refuted": "The detour through h is not the forget-gate path: they end {apart} apart",
        "undecided": "Whether the detour through h equals the forget-gate path stays open: here they end {apart} apart",
    },
    facts=facts,
    caption=(
        "The two sides of the article’s equality, LSTM of {hidden} units at initialisation; lines: medians over "
        "{replicates} replicates, bands: their {coverage} intervals. Above: norms against the lag at {setting}; at "
        "lag {lag} they are {apart} apart ({coverage} interval of the median: {interval}). Below: their ratio at lag "
        "{near}. Over all {total} settings the whole interval lies below 1 in {smaller} and above 1 in {larger}."
    ),
    alt=(
        "Two line charts on logarithmic axes. Above: at lag {lag} the forget-gate path is {carousel}, the detour "
        "through h {detour}. Below: their ratio at lag {near} against the forget bias, for a small, a middle and a "
        "large gain; it is below 1 in {smaller} and above 1 in {larger} of {total} settings."
    ),
)
