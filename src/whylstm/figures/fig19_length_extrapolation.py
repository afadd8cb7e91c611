"""Figure 19: what trained networks score at lengths far beyond those that they were trained on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from whylstm import wording
from whylstm.figures import _choose, _training, style
from whylstm.figures.base import Figure, judge
from whylstm.statistics import _roles

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Picture

    from whylstm.figures.base import Claims, Tables

METRICS = {"error": "wrong answers", "loss": "loss"}
"""What is drawn, in words."""
GUESS = 0.5
"""The share of the trivial predictor's score from which on most of what was learned is lost."""


def picture(tables: Tables, claims: Claims) -> Picture:
    """Return the score against the length, one line per arm, with what guessing earns."""
    figure = style.canvas(4.0)
    draw(figure.subplots(), scores(tables))
    return figure


def draw(axes: Axes, rows: pd.DataFrame) -> None:
    """Draw the arms, the lengths that they were trained on, and the trivial predictor."""
    axes.set_xscale("log")
    low, high = rows["shortest"].min(), rows["longest"].max()
    axes.axvspan(low, high, color=style.PALE, alpha=0.6, linewidth=0)
    place: dict[str, Any] = {
        "xytext": (3, -3),
        "textcoords": "offset points",
        "fontsize": style.SMALL,
        "color": style.GREY,
    }
    axes.annotate("trained", (low, 1), xycoords=("data", "axes fraction"), **place, va="top")
    known = _training.arms(rows)[: _training.LINES]
    for arm, how in _training.looks(known, _training.words(rows)):
        one = _training.of(rows, arm=arm).sort_values("length")
        style.line(axes, one["length"], one["median"], one["low"], one["high"], how)
    if rows["trivial"].notna().any():
        _training.level(axes, rows["trivial"].max(), "guessing", above=False)
    finish(axes, rows)


def finish(axes: Axes, rows: pd.DataFrame) -> None:
    """Give the panel its words and its axes."""
    metric = str(rows["metric"].iloc[0])
    axes.set_title(_training.setting(rows))
    axes.set_ylabel(METRICS[metric])
    axes.set_xlabel("length of the test sequences (steps)")
    _training.lengths_axis(axes, rows["length"])
    top = max(rows["trivial"].max(), rows["high"].max())
    axes.set_ylim(-0.04 * top, 1.18 * top)
    if metric == "error":
        axes.yaxis.set_major_formatter(lambda value, _: f"{100 * value:.0f}%")


def scores(tables: Tables) -> pd.DataFrame:
    """Return the scores of solved runs, arms in order."""
    return _training.ordered(_roles.far_scores(tables))


def nothing(tables: Tables) -> str:
    """Return why there is nothing to draw."""
    if len(scores(tables)):
        return ""
    return "In this study no solved network was tested at lengths beyond those that it was trained on"


def farthest(tables: Tables) -> pd.DataFrame:
    """Return every arm's score at the longest length that it was tested at."""
    return _roles.farthest(scores(tables))


def verdict(tables: Tables, claims: Claims) -> str:
    """Return whether what was learned carries over: scores better than half of guessing's at the longest length."""
    rows = farthest(tables)
    limit = GUESS * rows["trivial"]
    return judge(int((rows["high"] < limit).sum()), int((rows["low"] > limit).sum()), len(rows))


def facts(tables: Tables, claims: Claims) -> dict[str, str]:
    """Return what every arm scores at the longest length, and which keep most of what they learned."""
    rows, last = scores(tables), farthest(tables)
    named = _training.words(rows)
    limit = GUESS * last["trivial"]
    metric = str(rows["metric"].iloc[0])
    write = wording.percent if metric == "error" else wording.number
    best = last.sort_values(["median", "arm"]).iloc[0]
    return {
        "low": str(int(rows["shortest"].min())),
        "high": str(int(rows["longest"].max())),
        "far": f"{int(last['length'].max()):,}",
        "kept": str(int((last["high"] < limit).sum())),
        "lost": str(int((last["low"] > limit).sum())),
        "total": str(len(last)),
        "best": named[best["arm"]],
        "best_score": write(float(best["median"])),
        "metric": METRICS[metric],
        "guess": write(float(last["trivial"].max())),
        "each": "; ".join(f"{named[row.arm]}: {write(row.median)}" for row in last.itertuples()),
        "runs": _training.runs(rows),
        "coverage": _choose.coverage(rows),
    }


FIGURE = Figure(
    number=19,
    tables=("extrapolation_summary", "trials"),
    sparse=True,
    nothing=nothing,
    picture=picture,
    verdict=verdict,
    titles={
        "holds": "Trained on up to {high} steps, all {total} kinds of network still do it at {far}",
        "holds under conditions": (
            "Trained on up to {high} steps, {kept} of {total} kinds of network still do it at {far}; {lost} do not"
        ),
        "refuted": "Trained on up to {high} steps, no kind of network still does it at {far}",
        "undecided": "Trained on up to {high} steps, {kept} of {total} kinds of network surely still do it at {far}",
    },
    facts=facts,
    caption=(
        "Share of {metric} on fresh sequences of a length, for networks that had solved lengths from {low} to {high} "
        "(grey). Lines: medians of {runs} runs; bands: their {coverage} intervals or better. To still do it: better "
        "than half of guessing, which has {guess}. At {far} steps: {each}."
    ),
    alt=(
        "Line chart of {metric} against the length of the test sequences, logarithmic, for networks trained on {low} "
        "to {high} steps. At {far} steps: {each}; guessing has {guess}. Best: {best} with {best_score}."
    ),
)
