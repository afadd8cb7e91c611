"""Figure 15: how much training it takes until a run is solved, against the length, with the runs that never were.

One mark per run. Lines are Kaplan-Meier medians; a line that ends at the budget says that half of the runs were not
solved by then. Above the budget stand the runs that it ended (open triangles) and those that diverged (crosses).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from whylstm import wording
from whylstm.figures import _literature, _training, style
from whylstm.figures.base import Figure
from whylstm.statistics import _roles

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Picture

    from whylstm.figures.base import Claims, Tables

STEP, FIRST = 1.1, 1.25
"""By what factor an unsolved run stands above the one below, and the lowest above the budget."""
NEAR = 1.5
"""How far beyond the longest length a number of the literature may lie to be drawn, as a factor."""


def picture(tables: Tables, claims: Claims) -> Picture:
    """Return a panel for at most five arms each of the experiment with most cells, and of another task."""
    shown = chosen(tables)
    figure = style.canvas(0.9 + 2.6 * len(shown))
    panels = figure.subplots(len(shown), 1, squeeze=False)[:, 0]
    before = ""
    for axes, (experiment, arms) in zip(panels, shown, strict=True):
        rows = medians(tables, experiment)
        draw(axes, rows, ended(tables, rows), arms)
        axes.set_title("the same for other cells" if experiment == before else _training.setting(rows))
        before = experiment
    return figure


def draw(axes: Axes, rows: pd.DataFrame, runs: pd.DataFrame, arms: list[str]) -> None:
    """Draw medians, runs and the numbers of the literature; the y axis holds log₁₀ of training sequences."""
    named = _training.words(rows)
    budget = math.log10(float((rows["budget"] * rows["sequences"]).max()))
    _training.lengths_axis(axes, [*rows["longest"], *literature(rows)])
    for place, (arm, how) in enumerate(_training.looks(arms, named)):
        draw_arm(axes, _training.of(rows, arm=arm), _training.of(runs, arm=arm), how, place)
    for length, sequences in literature(rows).items():
        axes.scatter([length], [math.log10(sequences)], marker="*", s=70, color=style.GREY, zorder=4)
        place_of: dict[str, Any] = {"xytext": (0, -5), "textcoords": "offset points", "ha": "center", "va": "top"}
        _training.halo(axes.annotate("1997", (length, math.log10(sequences)), **place_of, color=style.GREY))
    _training.level(axes, budget, "budget", above=False)
    axes.set_ylabel("training sequences")
    axes.set_xlabel("length of the sequences (steps)")
    least = min(budget - 1, *[math.log10(spent) for spent in runs["spent"]])
    axes.set_ylim(least - 0.1, budget + math.log10(FIRST) + (runs["above"].max() + 1.5) * math.log10(STEP))
    counts_axis(axes)


def draw_arm(axes: Axes, rows: pd.DataFrame, runs: pd.DataFrame, how: style.Look, place: int) -> None:
    """Draw the median of one arm, ending at the budget where there is none, with its runs around it."""
    import numpy as np

    limit = np.log10(rows["budget"] * rows["sequences"])
    ends = {name: np.log10(rows[name] * rows["sequences"]).clip(upper=limit) for name in MEDIAN}
    median = rows.assign(middle=ends["updates"], low=ends["updates_low"], high=ends["updates_high"])
    _training.dodged(axes, median, how, place, "middle")
    x = runs["longest"] * _training.APART ** (place - (_training.LINES - 1) / 2)
    done = runs["end"] == "solved"
    look: dict[str, Any] = {"color": how.colour, "linewidth": 0.8}
    axes.scatter(x[done], np.log10(runs["spent"][done]), s=5, alpha=0.4, **look)
    stack = np.log10(runs["limit"]) + math.log10(FIRST) + runs["above"] * math.log10(STEP)
    for end, marker, face in (("censored", "^", "white"), ("diverged", "x", how.colour)):
        kind = runs["end"] == end
        axes.scatter(x[kind], stack[kind], s=9, marker=marker, facecolor=face, **look)


def counts_axis(axes: Axes) -> None:
    """Write the ticks of an axis that holds log₁₀ of counts: at 1, 2 and 5 times powers of ten, or at these alone."""
    low, high = axes.get_ylim()
    steps = (1, 2, 5) if high - low < 2 else (1,)
    known = [step * 10**power for power in range(12) for step in steps if low <= math.log10(step * 10**power) <= high]
    axes.set_yticks([math.log10(count) for count in known], [f"{count:,}" for count in known])


MEDIAN = ("updates", "updates_low", "updates_high")


def medians(tables: Tables, experiment: str = "") -> pd.DataFrame:
    """Return the medians beside their trials, arms in order: all of them, or those of one experiment's arms."""
    rows = _roles.rates(tables)
    return _training.ordered(_roles.whole(rows, experiment) if experiment else rows)


def ended(tables: Tables, trials: pd.DataFrame) -> pd.DataFrame:
    """Return the runs of some trials, with sequences spent, the budget, and how many unsolved runs lie below."""
    from whylstm.statistics._training import endings  # here, because it brings pandas along

    own = trials[[*_training.SETTING, "longest", "sequences", "budget", "n"]].merge(endings(tables), on="trial")
    runs = own[own["replicate"] < own["n"]].sort_values([*_training.SETTING, "replicate"])
    unsolved = (runs["end"] != "solved").astype(int)
    above = unsolved.groupby([runs[name] for name in _training.SETTING]).cumsum() - 1
    spent, limit = runs["update"] * runs["sequences"], runs["budget"] * runs["sequences"]
    return runs.assign(spent=spent, limit=limit, above=above)


def chosen(tables: Tables) -> list[tuple[str, list[str]]]:
    """Return the panels: an experiment and the arms that are drawn."""
    rows = medians(tables)
    first = _roles.cells_experiment(rows, [_roles.clipped_experiment(rows)])
    tasks = rows.loc[rows["experiment"] == first, "task"].unique()
    same = rows.loc[rows["task"].isin(tasks), "experiment"].unique()
    second = _roles.cells_experiment(rows, same)
    found = [
        (name, arms) for name in (first,) if name for arms in _training.panels(_training.of(rows, experiment=name))
    ]
    return found + [
        (name, _training.arms(_training.of(rows, experiment=name))[: _training.LINES]) for name in (second,) if name
    ]


def literature(rows: pd.DataFrame) -> dict[int, int]:
    """Return the sequences that the LSTM of 1997 needed, by length, as far as a panel of these trials goes."""
    tasks = rows["task"].unique()
    known = _literature.SEQUENCES.get(tasks[0], {}) if len(tasks) == 1 else {}
    return {length: found for length, found in known.items() if length <= NEAR * rows["longest"].max()}


def nothing(tables: Tables) -> str:
    """Return why there is nothing to draw."""
    return "" if chosen(tables) else _training.NOTHING.format(what="updates to a solution")


def verdict(tables: Tables, claims: Claims) -> str:
    """Return whether longer sequences take longer: from each length to the next, over all arms of the first panel.

    An interval of the median that begins beyond the end of the one before says so; one that ends before its beginning
    says the opposite.
    """
    slower, faster = steps(tables)
    if slower and faster:
        return "holds under conditions"
    return "holds" if slower else "refuted" if faster else "undecided"


def steps(tables: Tables) -> tuple[int, int]:
    """Return from how many lengths to the next one an arm surely gets slower, and from how many faster."""
    rows = medians(tables, chosen(tables)[0][0])
    slower = faster = 0
    for _, own in rows.sort_values("longest").groupby("arm"):
        low, high = own["updates_low"].to_numpy(), own["updates_high"].to_numpy()
        slower += int((low[1:] > high[:-1]).sum())
        faster += int((high[1:] < low[:-1]).sum())
    return slower, faster


def span(rows: pd.DataFrame) -> str:
    """Return the smallest and the largest median of some trials in sequences, and how many have none."""
    known = (rows["updates"] * rows["sequences"])[rows["updates"] < math.inf]
    if known.empty:
        return "no half of the runs"
    return f"half of the runs after {known.min():,.0f} to {known.max():,.0f} sequences"


def facts(tables: Tables, claims: Claims) -> dict[str, str]:
    """Return the medians at the shortest and the longest length, and how the runs ended."""
    shown = chosen(tables)
    rows = medians(tables)
    drawn = rows[rows["experiment"].isin([experiment for experiment, _ in shown])]
    first = medians(tables, shown[0][0])
    short, long = first["longest"].min(), first["longest"].max()
    slower, faster = steps(tables)
    beyond = _training.of(first, longest=long)
    return {
        "short": str(short),
        "long": str(long),
        "at_short": span(_training.of(first, longest=short)),
        "at_long": span(beyond),
        "stuck": str(int((beyond["updates"] == math.inf).sum())),
        "arms": str(beyond["arm"].nunique()),
        "slower": str(slower),
        "faster": str(faster),
        "censored": f"{int(drawn['censored'].sum()):,}",
        "diverged": f"{int(drawn['diverged'].sum()):,}",
        "total": f"{int(drawn['n'].sum()):,}",
        "runs": _training.runs(drawn),
        "coverage": wording.percent(float(drawn["coverage"].min())),
    }


FIGURE = Figure(
    number=15,
    tables=("success", "runs", "examinations", "trials"),
    sparse=True,
    nothing=nothing,
    picture=picture,
    verdict=verdict,
    titles={
        "holds": "Longer takes longer: at {long} steps {stuck} of {arms} arms have not solved half of their runs",
        "holds under conditions": (
            "Longer takes longer, mostly: at {long} steps {stuck} of {arms} arms have not solved half of their runs"
        ),
        "refuted": "Longer does not take longer: at {long} steps {stuck} of {arms} arms are half unsolved",
        "undecided": "At {long} steps {stuck} of {arms} arms have not solved half of their runs within the budget",
    },
    facts=facts,
    caption=(
        "Training sequences (updates times sequences per update) until a run met the criterion. Lines: Kaplan-Meier "
        "medians of {runs} runs, with their {coverage} intervals; where a line meets the budget, half of the runs were "
        "not solved. Dots: solved runs. Above the budget: the runs that it ended (triangles, {censored} of {total}) "
        "and those that diverged (crosses, {diverged}). Stars: the LSTM of Hochreiter and Schmidhuber (1997), by "
        "another update rule."
    ),
    alt=(
        "Charts of training sequences until solved against length, both axes logarithmic, one mark per run. At {short} "
        "steps, {at_short}; at {long} steps, {at_long}, and {stuck} of {arms} arms have not solved half of their runs. "
        "{censored} of {total} runs ended at the budget, {diverged} diverged."
    ),
)
