"""Figure 24: does learning open the carry path? The carry's share, gate and norm before and after, run by run.

For every arm with gates on its carry, at the longest length at which enough of its runs were solved: medians before
(open) and after training (filled), and the median of the paired change with its interval.
"""

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

QUANTITIES = {
    "carry_share": ("share of the carry at ¾ of the length", "norm over norm"),
    "norm": ("norm of the gradient at that lag", "norm"),
    "gate": ("mean of the carry", "mean over units and steps"),
}
POWERS = {"carry_share", "norm"}
MAIN = "carry_share"
MOST = 8
"""Rows that are drawn; the verdict is over all arms."""
ROW = 0.3


def picture(tables: Tables, claims: Claims) -> Picture:
    """Return a panel per quantity, one row per arm."""
    rows = changes(tables)
    arms = settings(rows)[:MOST]
    shown = [quantity for quantity in QUANTITIES if quantity in set(rows["quantity"])]
    figure = style.canvas(0.9 + len(shown) * (0.9 + ROW * len(arms)))
    panels = figure.subplots(len(shown), 1, squeeze=False)[:, 0]
    for axes, quantity in zip(panels, shown, strict=True):
        draw(axes, _training.of(rows, quantity=quantity), arms, labels(rows), quantity)
    return figure


def draw(axes: Axes, rows: pd.DataFrame, arms: list[str], named: dict[str, str], quantity: str) -> None:
    """Draw one row per arm: before, after, and the change in words."""
    for place, arm in enumerate(arms):
        for one in _training.of(rows, trial=arm).itertuples():
            how = style.look(0 if one.low > 0 else 1 if one.high < 0 else 3, "")
            axes.hlines(place, one.before, one.after, color=how.colour, linewidth=1.2)
            for at, low, high, face in (
                (one.before, one.before_low, one.before_high, "white"),
                (one.after, one.after_low, one.after_high, how.colour),
            ):
                axes.hlines(place, low, high, color=how.colour, linewidth=6, alpha=0.2)
                axes.scatter([at], [place], s=30, marker=how.marker, color=how.colour, facecolor=face, zorder=3)
            _training.note(axes, place, changed(one, quantity), how.colour)
    axes.set_yticks(range(len(arms)), [named[arm] for arm in arms])
    axes.set_ylim(len(arms) - 0.5, -0.5)
    axes.tick_params(axis="y", length=0)
    axes.set_title(QUANTITIES[quantity][0])
    axes.set_ylabel("arm")
    axes.set_xlabel(f"{QUANTITIES[quantity][1]}; open: before, filled: after")
    if quantity in POWERS:
        _training.ratios_axis(axes.xaxis)


def changed(row: Any, quantity: str) -> str:
    """Return a change in words: a factor, or a difference, with its direction where that is sure."""
    sure = "" if row.low > 0 or row.high < 0 else "?"
    if quantity in POWERS:
        return f"× {_training.ratio(row.median)}{sure}"
    return f"{wording.signed(row.median)}{sure}"


def changes(tables: Tables) -> pd.DataFrame:
    """Return the changes of solved runs, arms in order."""
    return _training.ordered(_roles.learned_changes(tables))


def settings(rows: pd.DataFrame) -> list[str]:
    """Return the trials in order."""
    return list(dict.fromkeys(rows["trial"]))


def labels(rows: pd.DataFrame) -> dict[str, str]:
    """Return every trial in words: its arm, and the length where these differ."""
    named = _training.words(rows)
    several = rows["longest"].nunique() > 1
    return {row.trial: named[row.arm] + (f", {row.longest}" if several else "") for row in rows.itertuples()}


def nothing(tables: Tables) -> str:
    """Return why there is nothing to draw."""
    if len(changes(tables)):
        return ""
    return "In this study too few networks with gates were solved to ask whether learning opens the carry path"


def main(tables: Tables) -> pd.DataFrame:
    """Return the changes of the carry's share."""
    return _training.of(changes(tables), quantity=MAIN)


def verdict(tables: Tables, claims: Claims) -> str:
    """Return whether the carry's share grows while networks learn, over all arms, by the interval of each change."""
    rows = main(tables)
    return judge(int((rows["low"] > 0).sum()), int((rows["high"] < 0).sum()), len(rows))


def facts(tables: Tables, claims: Claims) -> dict[str, str]:
    """Return in how many arms the carry opens or closes, and what else changes."""
    rows = main(tables)
    named = labels(changes(tables))
    every = changes(tables)
    norms, gates = (_training.of(every, quantity=name) for name in ("norm", "gate"))
    return {
        "opens": str(int((rows["low"] > 0).sum())),
        "closes": str(int((rows["high"] < 0).sum())),
        "total": str(len(rows)),
        "grows": str(int((norms["low"] > 0).sum())),
        "gates": str(int((gates["low"] > 0).sum())),
        "each": "; ".join(f"{named[one.trial]}: × {_training.ratio(one.median)}" for one in rows.itertuples()),
        "setting": _training.setting(rows),
        "lengths": wording.span(rows["longest"].min(), rows["longest"].max()),
        "runs": _training.runs(rows),
        "coverage": _choose.coverage(rows),
    }


FIGURE = Figure(
    number=24,
    tables=("training_change", "trials"),
    sparse=True,
    nothing=nothing,
    picture=picture,
    verdict=verdict,
    titles={
        "holds": "Learning opens the carry path: its share of the gradient grows in all {total} arms",
        "holds under conditions": (
            "Learning opens the carry path in {opens} of {total} arms and closes it in {closes}"
        ),
        "refuted": "Learning does not open the carry path: its share of the gradient falls in all {total} arms",
        "undecided": (
            "Learning surely opens the carry path in {opens} of {total} arms and surely closes it in {closes}"
        ),
    },
    facts=facts,
    caption=(
        "Before the first update (open) and when the run was solved (filled): {setting}, lengths {lengths}. Medians "
        "over {runs} solved runs with their {coverage} intervals or better; at the right the median of the paired "
        "change (circles grow, squares fall, diamonds with “?” do not surely change). Above: norm of the carry over "
        "norm of the lag Jacobian at three quarters of the length. The norm surely grows in {grows} of {total} arms, "
        "the mean of the carry in {gates}."
    ),
    alt=(
        "Charts with one row per arm: share of the carry, norm and mean gate before and after training. Change of the "
        "carry’s share: {each}. It surely grows in {opens} and falls in {closes} of {total} arms."
    ),
)
