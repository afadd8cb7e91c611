"""What to try: changed networks, run and measured on the same inputs."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from whylstm.diagnosis.findings._drawing import panel
from whylstm.diagnosis.findings._phrases import counted, rate, size, within
from whylstm.diagnosis.findings.base import Finding, Picture, Summary
from whylstm.diagnosis.start import START, TRAINED, UNKNOWN
from whylstm.figures import style

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes


def words(summary: Summary) -> str:
    """Return what the best of the changes does, in numbers."""
    rows, lags = {row["change"]: row for row in summary["changes"]}, summary["settings"]["lags"]
    if len(rows) == 1:
        return "There is nothing to turn: the network has neither a forget gate nor recurrent weights."
    if lags == 1:
        return ""
    now, best = rows["as it is"], summary["recommended"]
    said = f"{counted(len(rows) - 1, 'changed network')} were run and measured on the same inputs."
    if best is None and summary["verdict"] == "keeps":
        return (
            f"Nothing is wrong: the gradient keeps its size as far as was measured, so nothing is recommended. {said}"
        )
    if best is None and steps(now) is None:
        return f"{said} The network as it is keeps its gradient as far as was measured; none reaches further."
    if best is None:
        return f"{said} None of them reaches further back without making the gradient grow."
    return (
        f"{said} The best is {best}: {compared(rows[best], now, lags)}. These are numbers of the changed weights as"
        f" they stand, before any further training.{STAGES[summary['network']['weights']]}"
    )


STAGES = {
    TRAINED: " The weights have been trained: such a change is for the start of another training, and made to these"
    " weights it undoes part of what they have learnt.",
    START: " The weights are as an initialisation makes them, so this is the time for such a change.",
    UNKNOWN: "",
}
"""What a change is for, by whether the weights have been trained."""


def compared(row: dict[str, Any], now: dict[str, Any], lags: int) -> str:
    """Return what a change does to growth, memory and norm, each beside what it was."""
    told = [f"growth per step {rate(row['growth'])} instead of {rate(now['growth'])}"]
    told += [f"effective memory at the sequences' end {within(steps(row), lags)} instead of {within(steps(now), lags)}"]
    told += [f"norm at lag {lags} over that at lag 1 {size(row['decades'])} instead of {size(now['decades'])}"]
    return ", ".join(told[math.isnan(row["growth"]) :])


def steps(row: dict[str, Any]) -> int | None:
    """Return a row's effective memory, None if it is longer than what was measured."""
    return None if math.isnan(row["memory"]) else int(row["memory"])


def picture(summary: Summary, tables: dict[str, pd.DataFrame]) -> Picture | None:
    """Draw the growth per step of the network as it is and of every changed one."""
    known = tables["changes"][np.isfinite(tables["changes"]["growth"])]
    if len(known) < 2:
        return None
    best = summary["recommended"]

    def draw(axes: Axes) -> None:
        for place, row in enumerate(known.itertuples()):
            chosen = row.change in (best, "as it is")
            colour = style.LOOKS[0][0] if row.change == best else style.INK if chosen else style.GREY
            axes.errorbar(row.growth, -place, xerr=2 * row.error, fmt="o" if chosen else "s", color=colour)
        axes.axvline(0, color=style.INK, linewidth=0.8, zorder=1)
        axes.set_yticks([-place for place in range(len(known))], known["change"])
        axes.set_xlabel("growth per step λ₁ (nats)")

    told = "; ".join(f"{row.change} {rate(row.growth)}" for row in known.itertuples())
    title = "No change that was tried reaches further back without growth"
    if summary["verdict"] == "keeps":
        title = "The gradient keeps its size: there is nothing to mend"
    return Picture(
        panel(draw, 0.8 + 0.27 * len(known)),
        f"Of the changes tried, {best} reaches furthest back without growth" if best else title,
        "Growth per step of the network as it is and of the changed ones, on the same inputs; bars: two standard"
        " errors. Right of the line the gradient explodes.",
        f"Dot chart of growth per step. {told}.",
    )


FINDING = Finding(10, "What to try", words, picture)
