"""Figure 7: λ₁, the growth of the gradient per step, over gain and forget bias, for the LSTM and the GRU.

Red cells grow and blue ones shrink; their numbers say how fast, and a question mark stands where the interval leaves
the sign open. The line is where the median changes its sign.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from whylstm import selection, wording
from whylstm.figures import _choose, _maps, style
from whylstm.figures.base import Figure, judge

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Picture

    from whylstm.figures.base import Claims, Tables

CELLS = ("lstm", "gru")
LINEAR = 0.01
"""Nats per step below which the colour scale is linear, and logarithmic beyond, so that both signs show."""
GROWS, SHRINKS = "#a3262b", "#1f4e9c"


def picture(tables: Tables, claims: Claims) -> Picture:
    """Return one map per cell that has a forget bias."""
    shown = selection.cells(tables["points"], CELLS)
    biases = _choose.grid(tables["points"], CELLS[0])["forget_bias"].nunique()
    figure = style.canvas(1.5 + len(shown) * (0.75 + _maps.ROW * biases))
    for axes, cell in zip(figure.subplots(len(shown), 1, squeeze=False)[:, 0], shown, strict=True):
        draw_map(axes, tables, cell)
    return figure


def draw_map(axes: Axes, tables: Tables, cell: str) -> None:
    """Draw λ₁ of one cell, centred on 0, with its numbers and the line where it changes its sign."""
    from matplotlib.colors import SymLogNorm

    rows = _maps.over_grid(tables["reach"], tables["points"], cell)
    middle, low, high = (_maps.square(rows, f"exponent{end}") for end in ("", "_low", "_high"))
    finite = middle.where(middle.abs() < float("inf"))
    largest = max(float(finite.abs().max(axis=None)), 2 * LINEAR)
    norm = SymLogNorm(LINEAR, vmin=-largest, vmax=largest)
    open_sign = (low <= 0) & (high >= 0)
    words = middle.map(wording.signed).where(~open_sign, "?")
    _maps.draw(axes, middle.clip(-largest, largest), words, cmap=_maps.pale("RdBu_r", 0.2, 0.8), norm=norm)
    _maps.boundary(axes, middle)
    axes.set_title(f"{style.cell(cell).label}: λ₁ (nats/step)")
    _maps.note(axes, ("− shrinks", SHRINKS), ("+ grows", GROWS))


def verdict(tables: Tables, claims: Claims) -> str:
    """Return whether the LSTM's gradient does not explode: λ₁ below 0, over the grid."""
    rows = _maps.over_grid(tables["reach"], tables["points"], "lstm")
    return judge(int((rows["exponent_high"] < 0).sum()), int((rows["exponent_low"] > 0).sum()), len(rows))


def facts(tables: Tables, claims: Claims) -> dict[str, str]:
    """Return in how many settings each cell's gradient surely grows or shrinks, and the extremes of λ₁."""
    shown = selection.cells(tables["points"], CELLS)
    rows = {cell: _maps.over_grid(tables["reach"], tables["points"], cell) for cell in shown}
    lstm = rows["lstm"]
    grows = {cell: int((found["exponent_low"] > 0).sum()) for cell, found in rows.items()}
    return {
        "grows": str(grows["lstm"]),
        "shrinks": str(int((lstm["exponent_high"] < 0).sum())),
        "total": str(len(lstm)),
        "each": wording.listed([f"{style.cell(cell).label} {grows[cell]} of {len(rows[cell])}" for cell in shown]),
        "smallest": wording.number(float(lstm["exponent"].min())),
        "largest": wording.number(float(lstm["exponent"].max())),
        "where": selection.setting(lstm.loc[lstm["exponent"].idxmax()]),
        "lags": f"{int(lstm['lags'].max()) // 2} to {int(lstm['lags'].max())}",
        "hidden": str(_choose.point(tables["points"], "lstm")["hidden"]),
        "replicates": wording.span(*_choose.replicates(*rows.values())),
        "coverage": _choose.coverage(*rows.values()),
    }


FIGURE = Figure(
    number=7,
    tables=("reach", "points"),
    picture=picture,
    verdict=verdict,
    titles={
        "holds": "The LSTM’s gradient shrinks in all {total} settings: it explodes in none",
        "holds under conditions": (
            "The LSTM’s gradient explodes in {grows} of {total} settings and vanishes in {shrinks}"
        ),
        "refuted": "The LSTM’s gradient explodes in all {total} settings",
        "undecided": (
            "The LSTM’s gradient explodes in at least {grows} of {total} settings and vanishes in at least {shrinks}"
        ),
    },
    facts=facts,
    caption=(
        "Growth of the gradient per step, λ₁: slope of the log norm of the lag Jacobian of the whole state over lags "
        "{lags}; medians over {replicates} replicates of networks of {hidden} units at initialisation, driven by "
        "noise. ?: the {coverage} interval holds 0. Black line: where the median changes its sign. Colours are "
        "logarithmic beyond ±0.01."
    ),
    alt=(
        "Maps of λ₁ over gain and forget bias. The gradient grows for sure in these numbers of settings: {each}. For "
        "the LSTM it shrinks for sure in {shrinks}, and λ₁ ranges from {smallest} to {largest} nats per step, the "
        "largest at {where}."
    ),
)
