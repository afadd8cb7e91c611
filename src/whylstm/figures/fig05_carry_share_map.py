"""Figure 5: which part of an LSTM's gradient travels in the carry, at a short and at a long lag, over the grid.

The carry is what passes no recurrent matrix, 0 hops: the article's Π f and its way out to h. The line is where λ₁
changes its sign: on one side of it the gradient shrinks with the lag, on the other it grows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from whylstm import wording
from whylstm.figures import _choose, _maps, style
from whylstm.figures.base import Figure, judge

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Picture

    from whylstm.figures.base import Claims, Tables

CELL, BLOCK = "lstm", "whole"
HALF = 0.5


def picture(tables: Tables, claims: Claims) -> Picture:
    """Return one map per lag."""
    lags = chosen_lags(tables)
    biases = _choose.grid(tables["points"], CELL)["forget_bias"].nunique()
    figure = style.canvas(1.5 + len(lags) * (0.75 + _maps.ROW * biases))
    for axes, lag in zip(figure.subplots(len(lags), 1, squeeze=False)[:, 0], lags, strict=True):
        draw_map(axes, tables, lag)
    return figure


def draw_map(axes: Axes, tables: Tables, lag: int) -> None:
    """Draw the carry's share at one lag, and where λ₁ changes its sign."""
    share = _maps.square(on_grid(tables, lag), "median")
    _maps.draw(
        axes,
        share,
        share.map(lambda one: wording.percent(one, brief=True)),
        cmap=_maps.pale("Blues", 0, 0.6),
        vmin=0,
        vmax=1,
    )
    _maps.boundary(axes, _maps.square(_maps.over_grid(tables["reach"], tables["points"], CELL), "exponent"))
    axes.set_title(f"share of the carry at lag {lag}")
    _maps.note(axes, ("line: λ₁ = 0", style.INK))


def shares(tables: Tables) -> pd.DataFrame:
    """Return the carry's shares (as shares, not as logarithms) with their intervals over the grid that is drawn."""
    rows = _choose.rows_of(tables["carry_share"], "carry_share", block=BLOCK)
    rows = _maps.over_grid(rows, tables["points"], CELL).drop_duplicates(["point", "lag"])
    return rows.assign(**{end: 10 ** rows[end] for end in ("median", "low", "high")})


def chosen_lags(tables: Tables) -> list[int]:
    """Return the smallest and the largest lag of the table, or the only one."""
    lags = shares(tables)["lag"]
    return sorted({int(lags.min()), int(lags.max())})


def on_grid(tables: Tables, lag: int) -> pd.DataFrame:
    """Return the shares at one lag over the grid that is drawn."""
    rows = shares(tables)
    return rows[rows["lag"] == lag]


def verdict(tables: Tables, claims: Claims) -> str:
    """Return whether the carry holds at least half of the gradient's norm at the longest lag, over the grid."""
    rows = on_grid(tables, chosen_lags(tables)[-1])
    return judge(int((rows["low"] >= HALF).sum()), int((rows["high"] < HALF).sum()), len(rows))


def facts(tables: Tables, claims: Claims) -> dict[str, str]:
    """Return in how many settings the carry holds at least half, at each lag, and the extremes of its share."""
    lags = chosen_lags(tables)
    near, far = on_grid(tables, lags[0]), on_grid(tables, lags[-1])
    reach = _maps.over_grid(tables["reach"], tables["points"], CELL)
    return {
        "near": str(lags[0]),
        "far": str(lags[-1]),
        "near_count": str(int((near["median"] >= HALF).sum())),
        "far_count": str(int((far["median"] >= HALF).sum())),
        "possible": str(int((far["high"] >= HALF).sum())),
        "total": str(len(far)),
        "widest": widest(near, far),
        "smallest": wording.percent(far["median"].min()),
        "largest": wording.percent(far["median"].max()),
        "growing": str(int((reach["exponent"] > 0).sum())),
        "hidden": str(_choose.point(tables["points"], CELL)["hidden"]),
        "replicates": wording.span(*_choose.replicates(near, far)),
        "coverage": _choose.coverage(near, far),
    }


def widest(*maps: pd.DataFrame) -> str:
    """Return the widest interval of a share in any of the maps."""
    ends = [(low, high) for rows in maps for low, high in zip(rows["low"], rows["high"], strict=True) if low <= high]
    low, high = max(ends, key=lambda pair: pair[1] - pair[0])
    return f"{wording.percent(low)} to {wording.percent(high)}"


FIGURE = Figure(
    number=5,
    tables=("carry_share", "reach", "points"),
    picture=picture,
    verdict=verdict,
    titles={
        "holds": "The carry alone holds most of an LSTM’s gradient at lag {far}, in all {total} settings",
        "holds under conditions": (
            "The carry holds most of an LSTM’s gradient in {near_count} of {total} settings at lag {near}, but in "
            "{far_count} at lag {far}"
        ),
        "refuted": "At lag {far} the carry holds most of an LSTM’s gradient in none of {total} settings",
        "undecided": (
            "At lag {far} the carry holds most of an LSTM’s gradient in at most {possible} of {total} settings"
        ),
    },
    facts=facts,
    caption=(
        "Norm of the paths that pass no recurrent matrix, over the norm of all: median over {replicates} replicates, "
        "LSTM of {hidden} units at initialisation, driven by noise. The widest {coverage} interval runs from "
        "{widest}. Above 100% other paths cancel part of the carry. Black line: where λ₁ changes its sign; it is "
        "above 0 in {growing} of {total} settings."
    ),
    alt=(
        "Two maps of gain against forget bias. At lag {near} the carry holds at least half of the gradient’s norm in "
        "{near_count} of {total} settings, at lag {far} in {far_count}, where it ranges from {smallest} to {largest}. "
        "A line separates settings whose gradient grows with the lag ({growing}) from those where it shrinks."
    ),
)
