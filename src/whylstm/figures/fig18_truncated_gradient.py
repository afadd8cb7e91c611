"""Figure 18: the truncated gradient, whose paths out of the memory are cut, beside the full one while networks learn.

Hochreiter & Schmidhuber (1997) trained their LSTM with it and claimed constant error flow for it alone. Its cosine with
the full gradient says whether it points the same way, and arms that are trained with cut gradients whether they learn.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from whylstm import wording
from whylstm.figures import _choose, _training, style
from whylstm.figures.base import Figure, judge
from whylstm.statistics import _roles

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Picture

    from whylstm.figures.base import Claims, Tables

MOSTLY = math.sqrt(0.5)
"""The cosine at which half of the full gradient's squared norm lies along the truncated one."""
ROW = 0.3


def picture(tables: Tables, claims: Claims) -> Picture:
    """Return cosine and ratio of norms against the updates, and the rates of the arms by length."""
    arms, rates = chosen(tables), solved(tables)
    rows = course(tables)
    figure = style.canvas(4.9 + ROW * len(rates))
    cosine, ratio, success = figure.subplots(3, 1, height_ratios=[1.6, 1.1, ROW * len(rates)])
    draw(cosine, _training.of(rows, quantity="cosine"), arms, "cosine with the full one")
    draw(ratio, _training.of(rows, quantity="norm_ratio"), arms, "norm over the full one’s")
    _training.level(cosine, MOSTLY, "half of it", above=False)
    cosine.set_ylim(min(-0.05, rows.loc[rows["quantity"] == "cosine", "low"].min()), 1.05)
    draw_rates(success, rates, arms)
    return figure


def draw(axes: Axes, rows: pd.DataFrame, arms: dict[str, style.Look], title: str) -> None:
    """Draw one quantity of every arm against the updates."""
    for arm, how in arms.items():
        one = _training.of(rows, arm=arm).sort_values("update")
        style.line(axes, _training.at_updates(one), one["median"], one["low"], one["high"], how)
    _training.updates_axis(axes, rows["update"])
    axes.set_title(title)
    axes.set_ylabel("truncated one")
    axes.set_xlabel("updates")


def draw_rates(axes: Axes, rows: pd.DataFrame, arms: dict[str, style.Look]) -> None:
    """Draw one row per arm and length, its rate with Wilson's interval."""
    for row, one in enumerate(rows.itertuples()):
        how = arms[one.arm]
        axes.hlines(row, one.low, one.high, color=how.colour, linewidth=6, alpha=0.25)
        axes.scatter([one.rate], [row], s=34, marker=how.marker, color=how.colour, zorder=3)
        _training.note(axes, row, f"{one.longest} steps: {wording.percent(one.rate)}", how.colour)
    axes.set_yticks(range(len(rows)), [arms[arm].label for arm in rows["arm"]])
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.set_xlim(-0.03, 1.03)
    axes.set_xticks([0, 0.5, 1], ["0%", "50%", "100%"])
    axes.tick_params(axis="y", length=0)
    axes.set_title("solved by training with")
    axes.set_ylabel("gradient")
    axes.set_xlabel("runs solved")


def course(tables: Tables) -> pd.DataFrame:
    """Return cosine and ratio of all runs in time, arms in order."""
    return _training.ordered(_roles.cut_course(tables))


def chosen(tables: Tables) -> dict[str, style.Look]:
    """Return the arms that are drawn, each with its look: the first cell's, the full gradient first."""
    rows = course(tables)
    rows = rows[rows["cell"] == rows["cell"].iloc[0]].sort_values("detach", kind="stable")
    known = _training.arms(rows)[: _training.LINES]
    return dict(_training.looks(known, _training.words(rows)))


def solved(tables: Tables) -> pd.DataFrame:
    """Return the rates of these arms, by length."""
    rows = _training.of(_training.joined(tables, "success"), experiment=_roles.cut_experiment(tables))
    rows = rows[rows["arm"].isin(chosen(tables))]
    return rows.sort_values(["longest", "detach"], kind="stable")


def nothing(tables: Tables) -> str:
    """Return why there is nothing to draw."""
    return "" if _roles.cut_experiment(tables) else _training.NOTHING.format(what="truncated and full gradient")


def full(tables: Tables) -> pd.DataFrame:
    """Return the cosine of the arm that is cut least, in time."""
    rows = _training.of(course(tables), quantity="cosine", arm=next(iter(chosen(tables))))
    return rows.sort_values("update")


def verdict(tables: Tables, claims: Claims) -> str:
    """Return whether the truncated gradient holds most of the full one, at every checkpoint of the least cut arm."""
    rows = full(tables)
    return judge(int((rows["low"] >= MOSTLY).sum()), int((rows["high"] < MOSTLY).sum()), len(rows))


def facts(tables: Tables, claims: Claims) -> dict[str, str]:
    """Return the cosine at the start and at the end, and what the arms achieve."""
    rows, rates, arms = full(tables), solved(tables), chosen(tables)
    shown = course(tables)
    first, last = rows.iloc[0], rows.iloc[-1]
    lowest = rows.sort_values(["median", "update"]).iloc[0]
    each = [f"{arms[one.arm].label} {wording.percent(one.rate)} at {one.longest}" for one in rates.itertuples()]
    return {
        "first": wording.number(first["median"]),
        "last": wording.number(last["median"]),
        "lowest": wording.number(lowest["median"]),
        "lowest_at": f"{int(lowest['update']):,}",
        "setting": _training.setting(rates),
        "length": str(int(rows["longest"].iloc[0])),
        "each": "; ".join(each),
        "runs": _training.runs(shown),
        "coverage": _choose.coverage(shown),
    }


FIGURE = Figure(
    number=18,
    tables=("training_course", "success", "trials"),
    sparse=True,
    nothing=nothing,
    picture=picture,
    verdict=verdict,
    titles={
        "holds": "The truncated gradient points along the full one: cosine {first} at the start, {last} at the end",
        "holds under conditions": (
            "In training the truncated gradient parts from the full one: cosine {first} at the start, {lowest} at its "
            "lowest"
        ),
        "refuted": (
            "The truncated gradient does not point along the full one: cosine {first} at the start, {last} at the end"
        ),
        "undecided": "The truncated gradient has a cosine of {first} with the full one at the start, {last} at the end",
    },
    facts=facts,
    caption=(
        "{setting}, length {length}. Truncated: no gradient passes from one step’s h to the next step’s gates. Lines: "
        "medians of {runs} runs, trained by the full gradient or by a cut one; bands: their {coverage} intervals; runs "
        "that are solved keep their last value. At a cosine of √½, half of the squared norm lies along the truncated "
        "one. Solved, with Wilson’s 95% intervals: {each} steps."
    ),
    alt=(
        "Line charts of the cosine of the truncated with the full gradient and of the ratio of their norms against the "
        "updates. The cosine is {first} at the start, {lowest} at its lowest (update {lowest_at}) and {last} at the "
        "end. Runs solved: {each} steps."
    ),
)
