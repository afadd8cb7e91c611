"""Figure 6: through how many recurrent matrices the LSTM's gradient has passed, against the lag, at initialisation.

‖G^(r)‖² over Σ_r ‖G^(r)‖²: the share of the paths with r hops. A few r are drawn, and all beyond the last one together.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from whylstm.figures import _choose, _maps, _text, style
from whylstm.figures.base import Figure, judge

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Picture

    from whylstm.figures.base import Claims, Tables

CELL, CARRY, REST = "lstm", "0", "rest"
HOPS = (0, 1, 3, 6)
"""Numbers of hops that have a line of their own, where the study has them."""
BIASES = (1.0, 4.0)
HALF, DRAWN, SEEN = 0.5, 0.05, 0.01
"""The share that is most of the gradient, the one that a line must reach to be drawn, and where it then begins."""


def picture(tables: Tables, claims: Claims) -> Picture:
    """Return one panel per forget bias, each with one line per number of hops."""
    shown = chosen_points(tables["points"])
    figure = style.canvas(1.3 + 2.2 * len(shown))
    panels = figure.subplots(len(shown), 1, sharex=True, sharey=True, squeeze=False)[:, 0]
    for axes, point in zip(panels, shown, strict=True):
        draw_panel(axes, tables, point)
    panels[-1].set_xlabel("lag k (steps)")
    return figure


def draw_panel(axes: Axes, tables: Tables, point: pd.Series) -> None:
    """Draw the shares at one setting, each line labelled where it is highest."""
    lags = spectrum(tables, point, CARRY)["lag"]
    axes.set_xscale("log")
    axes.set_xlim(lags.min(), lags.max())
    axes.set_ylim(0, 1.15)
    axes.set_yticks([0, 0.5, 1], ["0%", "50%", "100%"])
    for place, hop in enumerate(chosen_hops(tables)):
        rows = spectrum(tables, point, hop)
        how = style.look(place, hop_words(tables, hop))
        if rows["share"].max() >= DRAWN:
            seen = rows["share"].where(rows["share"] >= SEEN)
            style.line(axes, rows["lag"], seen, rows["share_low"], rows["share_high"], how, at="peak")
    axes.set_title(f"LSTM, {_choose.setting(point)}")
    axes.set_ylabel("share of the gradient")
    style.whole_numbers(axes.xaxis)


def chosen_points(points: pd.DataFrame) -> list[pd.Series]:
    """Return the points at the main gain that are nearest to the wanted forget biases, each once."""
    known = _choose.grid(points, CELL)["forget_bias"]
    return [_choose.point(points, CELL, bias=bias) for bias in sorted({_choose.nearest(known, b) for b in BIASES})]


def chosen_hops(tables: Tables) -> list[str]:
    """Return the hops that are drawn, as the table writes them."""
    known = set(tables["hop_spectrum"]["hop"])
    return [hop for hop in (*map(str, HOPS), REST) if hop in known]


def hop_words(tables: Tables, hop: str) -> str:
    """Return a number of hops in words."""
    if hop == REST:
        counted = tables["hop_spectrum"]["hop"]
        return f"{counted[counted != REST].astype(int).max() + 1} or more"
    return {"0": "0 hops: carry", "1": "1 hop"}.get(hop, f"{hop} hops")


def spectrum(tables: Tables, point: pd.Series, hop: str) -> pd.DataFrame:
    """Return the share of one number of hops at one setting, in order of the lag."""
    rows = _choose.rows_of(tables["hop_spectrum"], "hop_spectrum", point=point["point"], hop=hop)
    return rows.sort_values("lag")


def at_largest_lag(tables: Tables) -> pd.DataFrame:
    """Return the carry's share at the largest lag over the whole grid of the cell."""
    rows = _choose.rows_of(tables["hop_spectrum"], "hop_spectrum", hop=CARRY)
    rows = _maps.over_grid(rows, tables["points"], CELL)
    return rows[rows["lag"] == rows["lag"].max()]


def leader(tables: Tables, point: pd.Series) -> tuple[str, float]:
    """Return the number of hops, in words, with the largest share at the largest lag, and that share."""
    rows = _choose.rows_of(tables["hop_spectrum"], "hop_spectrum", point=point["point"])
    first = rows[rows["lag"] == rows["lag"].max()].sort_values("share", ascending=False).iloc[0]
    return hop_words(tables, str(first["hop"])), float(first["share"])


def verdict(tables: Tables, claims: Claims) -> str:
    """Return whether the carry alone holds at least half of the gradient at the largest lag, over the grid."""
    rows = at_largest_lag(tables)
    return judge(int((rows["share_low"] >= HALF).sum()), int((rows["share_high"] < HALF).sum()), len(rows))


def facts(tables: Tables, claims: Claims) -> dict[str, str]:
    """Return which number of hops leads at the largest lag in each panel, and how often the carry does on the grid."""
    shown, last = chosen_points(tables["points"]), at_largest_lag(tables)
    leaders = {point["forget_bias"]: leader(tables, point) for point in shown}
    told = [f"{_text.number(bias)}: {hops} ({_text.percent(share)})" for bias, (hops, share) in leaders.items()]
    rows = [spectrum(tables, point, CARRY) for point in shown]
    return {
        "lag": str(int(last["lag"].max())),
        "count": str(int((last["share"] >= HALF).sum())),
        "gone": str(int((last["share_high"] < HALF).sum())),
        "total": str(len(last)),
        "leaders": "; ".join(f"at forget bias {words}" for words in told),
        "hidden": str(shown[0]["hidden"]),
        "replicates": _text.span(*_choose.replicates(*rows)),
        "coverage": _choose.coverage(*rows),
        "drawn": _text.listed([hop_words(tables, hop) for hop in chosen_hops(tables)]),
    }


FIGURE = Figure(
    number=6,
    tables=("hop_spectrum", "points"),
    picture=picture,
    verdict=verdict,
    titles={
        "holds": "At lag {lag} most of the gradient has passed no recurrent matrix yet, in all {total} settings",
        "holds under conditions": (
            "By lag {lag} most of the gradient has passed recurrent matrices in {gone} of {total} settings"
        ),
        "refuted": "By lag {lag} most of the gradient has passed recurrent matrices, in all {total} settings",
        "undecided": (
            "By lag {lag} most of the gradient has passed recurrent matrices in at least {gone} of {total} settings"
        ),
    },
    facts=facts,
    caption=(
        "Share of the gradient that has passed so many recurrent matrices (hops): squared norm over the sum of "
        "squared norms, LSTM of {hidden} units at initialisation, driven by noise. Lines: medians over {replicates} "
        "replicates; bands: their {coverage} intervals. Drawn: {drawn}. Leading at lag {lag}: {leaders}."
    ),
    alt=(
        "Line charts of shares against the lag on a logarithmic axis, one panel per forget bias. Leading at lag "
        "{lag}: {leaders}. The carry leads in {count} of {total} settings."
    ),
)
