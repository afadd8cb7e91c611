"""Figure 16: what the gradient does while an arm is trained, for the runs that end solved and for those that fail.

One arm at one length, so that nothing but the seed differs between the two lines. A run that is solved stops, and keeps
its last value.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from whylstm import wording
from whylstm.figures import _choose, _training, style
from whylstm.figures.base import Figure, judge

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Picture

    from whylstm.figures.base import Claims, Tables

OUTCOMES = {"solved": style.look(0, "solved"), "failed": style.look(1, "failed")}
QUANTITIES = {
    "exponent": ("growth of the gradient, λ₁", "nats per step"),
    "carry_share": ("share of the carry at ¾ of the length", "norm over norm"),
    "gradient": ("norm of the gradient before clipping", "norm"),
    "gate": ("mean of the carry (forget gate)", "mean"),
}
"""What is drawn where an arm has it: title and unit of each panel."""
POWERS = {"carry_share", "gradient"}
SHORT = {"exponent": "λ₁", "carry_share": "the carry’s share", "gradient": "the norm", "gate": "the mean gate"}
GATED, FEWEST = "lstm", 2
"""The cell that is looked at if at least so many of an arm's runs end either way."""


def picture(tables: Tables, claims: Claims) -> Picture:
    """Return a panel per quantity, over the same updates."""
    rows, _ = course(tables)
    shown = quantities(rows)
    figure = style.canvas(1.2 + 1.55 * len(shown))
    panels = figure.subplots(len(shown), 1, sharex=True, squeeze=False)[:, 0]
    for axes, quantity in zip(panels, shown, strict=True):
        draw(axes, _training.of(rows, quantity=quantity), quantity)
    _training.updates_axis(panels[-1], rows["update"])
    panels[-1].set_xlabel("updates")
    return figure


def draw(axes: Axes, rows: pd.DataFrame, quantity: str) -> None:
    """Draw both kinds of run, each with its interval."""
    for outcome, how in OUTCOMES.items():
        one = _training.of(rows, outcome=outcome).sort_values("update")
        style.line(axes, _training.at_updates(one), one["median"], one["low"], one["high"], how)
    title, unit = QUANTITIES[quantity]
    axes.set_title(title)
    axes.set_ylabel(unit)
    if quantity in POWERS:
        _training.ratios_axis(axes.yaxis)
    if quantity == "exponent":
        style.zero_line(axes)
        axes.lines[-1].set_gid("rule")


def chosen(tables: Tables) -> pd.Series | None:
    """Return the trial with the most runs of the rarer outcome, an LSTM's if it has two of it; None without one."""
    rows = _training.joined(tables, "success")
    rare = rows[["solved", "n"]].assign(failed=rows["n"] - rows["solved"])[["solved", "failed"]].min(axis=1)
    probed = set(tables["training_course"]["trial"])
    rows = rows.assign(rare=rare, first=(rows["cell"] == GATED) & (rare >= FEWEST) & (rows["detach"] == 0))
    rows = rows[(rows["rare"] > 1) & rows["trial"].isin(probed)]
    ordered = rows.sort_values(
        ["first", "rare", "longest", "arm"], ascending=[False, False, False, True], kind="stable"
    )
    return ordered.iloc[0] if len(ordered) else None


def course(tables: Tables) -> tuple[pd.DataFrame, pd.Series]:
    """Return the rows of the chosen trial in time, and the trial."""
    trial = chosen(tables)
    assert trial is not None  # `nothing` is asked first
    rows = _training.of(tables["training_course"], **{name: trial[name] for name in _training.SETTING})
    return rows[rows["outcome"].isin(OUTCOMES)], trial


def quantities(rows: pd.DataFrame) -> list[str]:
    """Return the quantities that both kinds of run have, and that are not zero throughout."""
    found = []
    for quantity in QUANTITIES:
        own = _training.of(rows, quantity=quantity)
        finite = own[own["median"].abs() < float("inf")]
        if finite["outcome"].nunique() == len(OUTCOMES) and (finite["median"] != 0).any():
            found.append(quantity)
    return found


def ends(rows: pd.DataFrame, quantity: str, update: int) -> dict[str, pd.Series]:
    """Return by outcome the row of a quantity at a checkpoint."""
    there = _training.of(rows, quantity=quantity, update=update)
    return {str(row["outcome"]): row for _, row in there.iterrows()}


def apart(rows: pd.DataFrame, quantity: str, update: int) -> bool:
    """Return whether the intervals of the two kinds of run have nothing in common."""
    one, other = (ends(rows, quantity, update)[outcome] for outcome in OUTCOMES)
    return bool(one["low"] > other["high"] or other["low"] > one["high"])


def alike(rows: pd.DataFrame, quantity: str, update: int) -> bool:
    """Return whether each kind's median lies within the other's interval."""
    one, other = (ends(rows, quantity, update)[outcome] for outcome in OUTCOMES)
    return all(bool(a["low"] <= b["median"] <= a["high"]) for a, b in ((one, other), (other, one)))


def nothing(tables: Tables) -> str:
    """Return why there is nothing to draw."""
    trial = chosen(tables)
    if trial is not None and quantities(course(tables)[0]):
        return ""
    return "In this study no arm has solved and failed runs at one length, side by side, with probes of their gradient"


def verdict(tables: Tables, claims: Claims) -> str:
    """Return whether solved and failed runs end apart, over the quantities."""
    rows, _ = course(tables)
    shown, last = quantities(rows), int(rows["update"].max())
    differ, same = (sum(test(rows, quantity, last) for quantity in shown) for test in (apart, alike))
    return judge(differ, same, len(shown))


def facts(tables: Tables, claims: Claims) -> dict[str, str]:
    """Return in what solved and failed runs differ, at the start and at the end."""
    rows, trial = course(tables)
    shown, first, last = quantities(rows), int(rows["update"].min()), int(rows["update"].max())
    differ = {at: [SHORT[name] for name in shown if apart(rows, name, at)] for at in (first, last)}
    same = [SHORT[name] for name in shown if alike(rows, name, last)]
    counts = {outcome: _training.of(rows, outcome=outcome) for outcome in OUTCOMES}
    own = _training.of(_training.joined(tables, "success"), experiment=trial["experiment"])
    arm, cell = _training.words(own)[trial["arm"]], style.cell(trial["cell"]).label
    return {
        "arm": arm if cell in arm else f"{cell}, {arm}",
        "setting": _training.setting(trial.to_frame().T, cell=False),
        "length": str(trial["longest"]),
        "start": wording.listed(differ[first] or ["nothing"]),
        "end": wording.listed(differ[last] or ["nothing"]),
        "count": str(len(shown)),
        "alike": wording.listed(same or ["nothing"]),
        "solved": _training.runs(counts["solved"]),
        "failed": _training.runs(counts["failed"]),
        "coverage": _choose.coverage(rows),
        "each": "; ".join(told(rows, name, last) for name in shown),
    }


def told(rows: pd.DataFrame, quantity: str, update: int) -> str:
    """Return both medians at a checkpoint in words."""
    write = _training.ratio if quantity in POWERS else wording.number
    found = ends(rows, quantity, update)
    return f"{SHORT[quantity]} {write(found['solved']['median'])} against {write(found['failed']['median'])}"


FIGURE = Figure(
    number=16,
    tables=("training_course", "success", "trials"),
    sparse=True,
    nothing=nothing,
    picture=picture,
    verdict=verdict,
    titles={
        "holds": "Runs that solve and runs that fail end with gradients that differ in all {count} respects",
        "holds under conditions": "Runs that solve and runs that fail end apart in {end}, alike in {alike}",
        "refuted": "Runs that solve and runs that fail end with gradients alike",
        "undecided": "What surely sets apart runs that solve: {start} at the start, {end} at the end",
    },
    facts=facts,
    caption=(
        "{arm}; {setting}, length {length}. One arm, whose runs differ in the seed alone. Lines: medians of {solved} "
        "solved and {failed} failed runs; bands: their {coverage} intervals or better. Solved runs stop and keep their "
        "last value. At the end, solved against failed: {each}. Surely apart at the start: {start}."
    ),
    alt=(
        "Line charts against the number of updates on a logarithmic axis, one line for solved and one for failed runs. "
        "At the end: {each}. Surely apart at the start: {start}; at the end: {end}."
    ),
)
