"""Figure 25: does the LSTM's lead belong to one task? Rates of success on every task that was asked at one length.

One LSTM beside one simple network on the same sequences and seeds, a task a row; guessing solves none of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from whylstm import wording
from whylstm.figures import _training, style
from whylstm.figures.base import Figure, judge
from whylstm.statistics import _roles

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Picture

    from whylstm.figures.base import Claims, Tables

KINDS = ("memory", "simple")
ROW = 0.27
"""Height of a task's row, in inches."""
AROUND = 1.7
"""Height of what stands around the rows, in inches."""
APART = 0.17
"""How far the two networks of a row stand from its middle, in rows."""
LABEL = 2.6
"""How much further their names stand from the middle of the first row, which are taller than the rows' marks."""


def pairs(tables: Tables) -> pd.DataFrame:
    """Return the LSTM's and the simple network's rows of every task, those with the widest lead of the LSTM first."""
    return _roles.other_tasks(_roles.rates(tables))


def picture(tables: Tables, claims: Claims) -> Picture:
    """Return a row for each task, with the rate of success of both networks and its interval."""
    rows = pairs(tables)
    known = list(dict.fromkeys(rows["task"]))
    figure = style.canvas(AROUND + ROW * len(known))
    axes = figure.subplots()
    for kind, shift in zip(KINDS, (-APART, APART), strict=True):
        own = _roles.of(rows, kind=kind)
        draw(axes, own, [known.index(task) + shift for task in own["task"]], style.cell(str(own["cell"].iloc[0])))
    lengths = rows.drop_duplicates("task").set_index("task")["longest"]
    axes.set_yticks(range(len(known)), [f"{_training.task(task)}, {lengths[task]}" for task in known])
    axes.set_ylim(len(known) - 0.4, -0.6)
    axes.set_xlim(-0.03, 1.03)
    axes.set_xticks([0, 0.5, 1], ["0%", "50%", "100%"])
    axes.set_xlabel("runs solved")
    axes.set_ylabel("task")
    axes.tick_params(axis="y", length=0)
    return figure


def draw(axes: Axes, rows: pd.DataFrame, heights: list[float], how: style.Look) -> None:
    """Draw one network's rates with their intervals, and its name beside its first row."""
    axes.hlines(heights, rows["low"], rows["high"], color=how.colour, linewidth=1.6, alpha=0.45)
    axes.scatter(rows["rate"], heights, s=26, marker=how.marker, color=how.colour, zorder=3, clip_on=False)
    _training.note(axes, LABEL * heights[0], how.label, how.colour)


def nothing(tables: Tables) -> str:
    """Return why there is nothing to draw."""
    return "" if len(pairs(tables)) else _training.NOTHING.format(what="success on tasks of one length")


def verdict(tables: Tables, claims: Claims) -> str:
    """Return whether the LSTM solves more on every one of these tasks."""
    rows = pairs(tables)
    more, less, _ = _roles.leads(rows)
    return judge(more, less, rows["task"].nunique())


def facts(tables: Tables, claims: Claims) -> dict[str, str]:
    """Return on how many tasks who solves more, and every rate in words."""
    rows = pairs(tables)
    more, less, neither = _roles.leads(rows)
    memory, simple = (_roles.of(rows, kind=kind).set_index("task") for kind in KINDS)
    total = len(memory)
    each = [
        f"{_training.task(task)} {wording.percent(memory['rate'][task])} and {wording.percent(simple['rate'][task])}"
        for task in memory.index
    ]
    return {
        "more": str(more),
        "less": str(less),
        "total": str(total),
        "open": str(total - more - less),
        "neither": str(neither),
        "simple": wording.listed([style.cell(cell).label for cell in dict.fromkeys(simple["cell"])]),
        "each": "; ".join(each),
        "runs": _training.runs(rows),
        "budgets": wording.span(rows["budget"].min(), rows["budget"].max()),
        "hidden": wording.listed([str(size) for size in sorted(rows["hidden"].unique())]),
    }


FIGURE = Figure(
    number=25,
    tables=("success", "trials"),
    sparse=True,
    nothing=nothing,
    picture=picture,
    verdict=verdict,
    titles={
        "holds": "On all {total} other tasks the LSTM solves more than the {simple}",
        "holds under conditions": "Of {total} other tasks the LSTM surely leads on {more}, the {simple} on {less}",
        "refuted": "On all {total} other tasks the {simple} solves more than the LSTM",
        "undecided": "Of {total} other tasks the LSTM surely leads on {more}; {open} stay open",
    },
    facts=facts,
    caption=(
        "Share of runs that met their task’s criterion, with 95% Wilson intervals: an LSTM and a {simple} of {hidden} "
        "units, on the same sequences and seeds, {runs} runs each, {budgets} updates; behind each task its length. A "
        "network that guesses solves none. Surely: intervals with nothing in common. LSTM and {simple}: {each}."
    ),
    alt=(
        "Dot plot with a row for each of {total} tasks: the share of runs solved by an LSTM and by a {simple}. The "
        "LSTM surely leads on {more} tasks and the {simple} on {less}; {neither} are solved by neither. LSTM and "
        "{simple}: {each}."
    ),
)
