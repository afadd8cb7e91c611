"""Figure 3: the paths from h to h over an LSTM's two parts, and the article's product beside the true gradient.

In the graph of (h, C) a step leads from h to C through the recurrent matrices of three gates, from C to C through the
forget gate, from C to the h of the same step, and from h to h through the output gate. The article multiplies
∂h_i/∂h_{i-1}: all paths that come back to h at every step, 2^k of the F_{2k+1} (Fibonacci) paths of lag k. Every path
that stays in C from one step to the next is left out, the forget gates' own among them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from whylstm import selection, wording
from whylstm.figures import _choose, style
from whylstm.figures.base import Figure, judge

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Picture
    from matplotlib.text import Text

    from whylstm.figures.base import Claims, Tables

TRUTH, ARTICLE = style.look(0, "true gradient"), style.look(1, "the article’s")
STEPS, FAR = 2, 10
"""Lag of the graph that is drawn, and a lag at which its paths are counted as well."""
EXACT = -6.0
"""log10 of the relative difference below which two products count as equal: far above rounding in float64."""


def picture(tables: Tables, claims: Claims) -> Picture:
    """Return the path graph above, and the two norms against the lag below."""
    figure = style.canvas(5.4)
    graph, norms = figure.subplots(2, 1, height_ratios=[1.0, 1.3])
    draw_graph(graph)
    draw_norms(norms, tables)
    return figure


def draw_norms(axes: Axes, tables: Tables) -> None:
    """Draw both norms against the lag at the main setting, each with its value at the largest lag."""
    for quantity, how in (("h_to_h", TRUTH), ("article", ARTICLE)):
        rows = profile(tables, quantity)
        says = "\n" + wording.power(rows["median"].iloc[-1])
        style.line(axes, rows["lag"], rows["median"], rows["low"], rows["high"], how, says=says)
    axes.set_title(f"LSTM, {selection.setting(_choose.point(tables['points'], 'lstm'))}")
    axes.set_xlabel("lag k (steps)")
    axes.set_ylabel("norm of ∂h(t)/∂h(t−k)")
    axes.margins(x=0)
    style.powers_of_ten(axes.yaxis)


def draw_graph(axes: Axes) -> None:
    """Draw the (h, C) graph over a few steps, with the way that the article leaves out in the colour of the truth."""
    names = [f"(t−{STEPS - step})" if step < STEPS else "(t)" for step in range(STEPS + 1)]
    h = {step: draw_node(axes, step, 0, f"h{name}") for step, name in enumerate(names)}
    c = {step: draw_node(axes, step, 1, f"C{name}") for step, name in enumerate(names) if step}
    for step in range(STEPS):
        for start, end in ((h[step], h[step + 1]), (h[step], c[step + 1]), (c[step + 1], h[step + 1])):
            arrow(axes, start, end, ARTICLE, 1.8)
    for step in range(1, STEPS):
        arrow(axes, c[step], c[step + 1], TRUTH, 3.2)
    axes.text(STEPS + 0.42, 1, "left out:\nforget gate", color=TRUTH.colour, va="center", clip_on=False)
    axes.text(STEPS + 0.42, 0, "kept:\nback to h\nat each step", color=ARTICLE.colour, va="center", clip_on=False)
    counts = [f"{kept(lag):,} of {every(lag):,} at lag {lag}" for lag in (STEPS, FAR)]
    axes.set_title("paths in the product:\n" + ", ".join(counts))
    axes.set_xlim(-0.3, STEPS + 0.3)
    axes.set_ylim(-0.3, 1.3)
    axes.set_axis_off()


def draw_node(axes: Axes, x: float, y: float, text: str) -> Text:
    """Draw one part of the state at one step, and return it."""
    box = {"boxstyle": "round,pad=0.35", "fc": "white", "ec": style.INK}
    return axes.text(x, y, text, ha="center", va="center", bbox=box)


def arrow(axes: Axes, start: Text, end: Text, how: style.Look, width: float) -> None:
    """Draw an arrow from one box to another."""
    drawn = {"arrowstyle": "-|>,head_width=0.3", "color": how.colour, "linewidth": width, "shrinkA": 2, "shrinkB": 2}
    boxes = {"patchA": start.get_bbox_patch(), "patchB": end.get_bbox_patch()}
    axes.annotate("", end.get_position(), start.get_position(), arrowprops=drawn | boxes)


def profile(tables: Tables, quantity: str) -> pd.DataFrame:
    """Return one norm of the LSTM at the main setting, in order of the lag."""
    point = _choose.point(tables["points"], "lstm")["point"]
    rows = _choose.rows_of(tables["lag_profile"], "lag_profile", point=point, quantity=quantity)
    return rows.sort_values("lag")


def kept(lag: int) -> int:
    """Return how many paths of a lag the article's product holds."""
    return 2**lag


def every(lag: int) -> int:
    """Return how many paths lead from h to h over a lag: F_{2k+1}.

    >>> [every(lag) for lag in (1, 2, 3)]
    [2, 5, 13]
    """
    to_h, to_c = 1, 0
    for _ in range(lag):
        to_c += to_h
        to_h += to_c
    return to_h


def verdict(tables: Tables, claims: Claims) -> str:
    """Return whether the product is the gradient from lag 2 on, over all settings with Gaussian weights and lags."""
    points = _choose.grid(tables["points"], "lstm")["point"]
    rows = _choose.rows_of(tables["article_gap"], "article_gap", comparison="defect_to_truth")
    rows = rows[rows["point"].isin(points) & (rows["lag"] > 1)]
    return judge(int((rows["high"] < EXACT).sum()), int((rows["low"] > EXACT).sum()), len(rows))


def facts(tables: Tables, claims: Claims) -> dict[str, str]:
    """Return both norms at the largest lag, how far they are apart, and the setting."""
    truth, article = (profile(tables, quantity) for quantity in ("h_to_h", "article"))
    point = _choose.point(tables["points"], "lstm")
    rows = _choose.rows_of(
        tables["article_gap"], "article_gap", point=point["point"], comparison="article_to_truth"
    ).sort_values("lag")
    last = rows.iloc[-1]
    low, high = sorted(abs(last[end]) for end in ("low", "high"))
    return {
        "apart": wording.decades(last["median"]),
        "interval": f"{wording.decades(low).split()[0]} to {wording.decades(high)}",
        "lag": str(int(last["lag"])),
        "truth": wording.power(truth["median"].iloc[-1]),
        "article": wording.power(article["median"].iloc[-1]),
        "setting": selection.setting(point),
        "hidden": str(point["hidden"]),
        "replicates": wording.span(*_choose.replicates(truth, article)),
        "coverage": _choose.coverage(truth, article),
        "kept": f"{kept(STEPS):,} of {every(STEPS):,}",
        "kept_far": f"{kept(FAR):,} of {every(FAR):,}",
        "steps": str(STEPS),
        "far": str(FAR),
    }


FIGURE = Figure(
    number=3,
    tables=("lag_profile", "article_gap", "points"),
    picture=picture,
    verdict=verdict,
    titles={
        "holds": "The article’s product is the gradient from h to h: they agree at every lag",
        "holds under conditions": (
            "The article’s product is the gradient in some settings only: here they end {apart} apart"
        ),
        "refuted": "The article’s product leaves out every path that stays in memory: it ends {apart} from the truth",
        "undecided": "Whether the article’s product is the gradient stays open: here they end {apart} apart",
    },
    facts=facts,
    caption=(
        "Above: the paths from h to h over the two parts of an LSTM’s state. The article multiplies ∂h(i)/∂h(i−1), "
        "which holds {kept} paths at lag {steps} and {kept_far} at lag {far}. Below: the norm of that product and of "
        "the true gradient at initialisation, LSTM of {hidden} units, {setting}; lines: medians over {replicates} "
        "replicates, bands: their {coverage} intervals. At lag {lag} they are {apart} apart ({coverage} interval of "
        "the median: {interval})."
    ),
    alt=(
        "Above, a graph: h leads to the next h and to the next C, each C leads to the h of its step, and C leads to "
        "the next C through the forget gate, which the article’s product leaves out: it keeps {kept} paths at lag "
        "{steps}. Below, a line chart on a logarithmic axis: at lag {lag} the true gradient is {truth}, the product "
        "{article}."
    ),
)
