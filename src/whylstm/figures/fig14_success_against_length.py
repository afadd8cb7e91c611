"""Figure 14: the share of runs that are solved, against the length of the sequences.

Above, simple networks that differ in clipping and regularisation, as in Fig. 7 of Pascanu et al. (2013); below, all
cells and starting points of the experiment that has the most, under one budget.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from whylstm import wording
from whylstm.figures import _literature, _training, style
from whylstm.figures.base import Figure, verdict_of
from whylstm.statistics import _roles

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Picture

    from whylstm.figures.base import Claims, Tables

AGAIN = "the same for other cells"


def picture(tables: Tables, claims: Claims) -> Picture:
    """Return a panel for the arms of clipping, and panels of at most five arms for those of cells."""
    shown = chosen(tables)
    figure = style.canvas(0.9 + 2.1 * len(shown))
    panels = figure.subplots(len(shown), 1, squeeze=False)[:, 0]
    before = ""
    for axes, (experiment, arms) in zip(panels, shown, strict=True):
        rows = rates(tables, experiment)
        draw(axes, rows, arms)
        axes.set_title(AGAIN if experiment == before else _training.setting(rows))
        before = experiment
    return figure


def draw(axes: Axes, rows: pd.DataFrame, arms: list[str]) -> None:
    """Draw the rates of some arms of an experiment, with the line of the literature where it belongs."""
    _training.lengths_axis(axes, rows["longest"])
    named = _training.words(rows)
    for place, (arm, how) in enumerate(_training.looks(arms, named)):
        _training.dodged(axes, _training.of(rows, arm=arm), how, place)
    _training.percents(axes)
    axes.set_ylabel("runs solved")
    axes.set_xlabel("length of the sequences (steps)")
    if clipping_of_simple(rows) and rows["longest"].max() >= _literature.TRAINED[0]:
        axes.hlines(1.0, _literature.TRAINED[0], axes.get_xlim()[1], color=style.GREY, linewidth=4, alpha=0.35)
        _training.note(axes, 1.0, "2013", style.GREY)


def clipping_of_simple(rows: pd.DataFrame) -> bool:
    """Return whether arms are those of the literature's line: temporal order, simple cells, clipped and regularised."""
    return bool(
        (rows["task"] == _literature.TASK).all() and rows["cell"].isin(_roles.SIMPLE).all() and rows["omega"].max() > 0
    )


def rates(tables: Tables, experiment: str = "") -> pd.DataFrame:
    """Return the rates beside their trials, arms in order: all of them, or those of one experiment's arms."""
    rows = _roles.rates(tables)
    return _training.ordered(_roles.whole(rows, experiment) if experiment else rows)


def chosen(tables: Tables) -> list[tuple[str, list[str]]]:
    """Return the panels: an experiment and the arms that are drawn."""
    rows = rates(tables)
    clipping = _roles.clipped_experiment(rows)
    cells = _roles.cells_experiment(rows, [clipping])
    first = [(clipping, _training.arms(_training.of(rows, experiment=clipping))[: _training.LINES])] if clipping else []
    return first + [(cells, arms) for arms in _training.panels(_training.of(rows, experiment=cells)) if cells]


def nothing(tables: Tables) -> str:
    """Return why there is nothing to draw."""
    return "" if chosen(tables) else _training.NOTHING.format(what="success against length")


def best(rows: pd.DataFrame, cells: tuple[str, ...]) -> str:
    """Return the best rate of some cells, in percent, or that there is none."""
    own = rows[rows["cell"].isin(cells)]
    return wording.percent(own["rate"].max()) if len(own) else "none"


def apart(rows: pd.DataFrame) -> int:
    """Return the length at which the best LSTM and the best simple network differ most, the longer of two equal."""
    groups = ((_roles.LSTM,), _roles.SIMPLE)
    lstm, simple = (rows[rows["cell"].isin(cells)].groupby("longest")["rate"].max() for cells in groups)
    shared = sorted(set(lstm.index) & set(simple.index), reverse=True)
    return int(
        max(shared or [rows["longest"].max()], key=lambda length: abs(lstm.get(length, 0) - simple.get(length, 0)))
    )


def facts(tables: Tables, claims: Claims) -> dict[str, str]:
    """Return the best rates where they differ most, Pascanu's order, and what guessing earns."""
    shown = chosen(tables)
    rows = rates(tables)
    drawn = rows[rows["experiment"].isin([experiment for experiment, _ in shown])]
    compared = rates(tables, shown[-1][0])
    length = apart(compared)
    there = _training.of(compared, longest=length)
    return {
        "length": str(length),
        "lstm": best(there, (_roles.LSTM,)),
        "simple": best(there, _roles.SIMPLE),
        "trend": trend(tables),
        "literature": _literature.order(),
        "budgets": wording.span(drawn["budget"].min(), drawn["budget"].max()),
        "guess": guess(tables, drawn),
        "runs": _training.runs(drawn),
        "each": each(compared, length),
    }


def each(rows: pd.DataFrame, length: int) -> str:
    """Return every arm's rate at a length in words."""
    named = _training.words(rows)
    there = _training.of(rows, longest=length)
    return "; ".join(f"{named[row.arm]}: {wording.percent(row.rate)}" for row in there.itertuples())


def trend(tables: Tables) -> str:
    """Return in words whether the arms of clipping come in Pascanu's order."""
    rows = _training.of(tables["arm_trend"], ranked="lengths")
    if rows.empty:
        return "No experiment asks for the order of plain, clipped and regularised arms."
    row = rows.sort_values("experiment").iloc[0]
    return (
        f"Plain < clipped < Ω over all lengths and seeds: one-sided exact p = {wording.number(row['p'])} (Page’s test)."
    )


def guess(tables: Tables, rows: pd.DataFrame) -> str:
    """Return what guessing earns at the tasks that are drawn."""
    known = tables["tasks"][tables["tasks"]["task"].isin(rows["task"].unique())]
    first = known[known["metric"] == "error"]
    if first.empty:
        return "solves none"
    return f"is wrong in {wording.percent(first['value'].min())} of all cases and solves none"


FIGURE = Figure(
    number=14,
    tables=("success", "trials", "arm_trend", "tasks"),
    sparse=True,
    nothing=nothing,
    picture=picture,
    verdict=verdict_of("C12"),
    titles={
        "holds": "An LSTM learns what a simple network does not: at {length} steps {lstm} of runs, against {simple}",
        "holds under conditions": (
            "Set up for it, an LSTM learns what a simple network does not: at {length} steps {lstm} of runs, "
            "against {simple}"
        ),
        "refuted": "An LSTM learns no more than a simple network: at {length} steps {lstm} of runs, against {simple}",
        "undecided": "At {length} steps the best LSTM solves {lstm} of its runs, the best simple network {simple}",
    },
    facts=facts,
    caption=(
        "Share of {runs} runs that met the task’s criterion on fresh sequences within {budgets} updates, with "
        "Wilson’s 95% intervals; equal seeds in all arms. Guessing {guess}. {trend} Bar: {literature} In the last "
        "experiment, at {length} steps: {each}."
    ),
    alt=(
        "Line charts of the share of solved runs against the length of the sequences. At {length} steps: {each}. "
        "{trend}"
    ),
)
