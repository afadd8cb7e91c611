"""Which units carry: how much of its memory a unit keeps from step to step, and which units keep it longest."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from whylstm.diagnosis.findings._drawing import MOST_LAYERS, panel
from whylstm.diagnosis.findings._phrases import by_layer, steps_of
from whylstm.diagnosis.findings.base import Finding, Picture, Summary
from whylstm.figures import style
from whylstm.wording import percent

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes


WIDE = 20
"""Half-lives are drawn on a logarithmic axis if the longest is more than so many times the shortest."""


def words(summary: Summary) -> str:
    """Return mean carry and half-lives layer by layer; empty for a network without carry."""
    found = [layer["units"] for layer in summary["layers"]]
    if None in found:
        return ""
    kept = by_layer(summary, [percent(one["carry_mean"]) for one in found])
    median = by_layer(summary, [steps_of(one["half_life_median"]) for one in found])
    place = max(range(len(found)), key=lambda layer: found[layer]["longest"][0]["half_life"])
    best = found[place]["longest"][0]
    where = f" of layer {place + 1}" if len(found) > 1 else ""
    return (
        f"From step to step a unit keeps on average {kept} of its memory. By the direct path alone half of it is left"
        f" after {median} in the median unit; unit {best['unit']}{where} keeps longest, {steps_of(best['half_life'])}."
    )


def picture(summary: Summary, tables: dict[str, pd.DataFrame]) -> Picture | None:
    """Draw every unit's half-life on its direct path, longest first."""
    rows = tables["units"]
    finite = rows[np.isfinite(rows["half_life"]) & (rows["half_life"] > 0)]
    if finite.empty:
        return None
    best = finite.loc[finite["half_life"].idxmax()]
    where = f" of layer {int(best['layer'])}" if len(summary["layers"]) > 1 else ""
    life = steps_of(best["half_life"])
    return Picture(
        panel(lambda axes: draw(axes, finite)),
        f"Unit {int(best['unit'])}{where} keeps longest: by its direct path half is left after {life}",
        "Half-life of every unit by its direct path, ln 2 / −mean(ln f), where f is the unit's carry.",
        f"Line chart of half-lives, units in order. The longest is {life}.",
    )


def draw(axes: Axes, rows: pd.DataFrame) -> None:
    """Draw a line for each layer, the top ones if there are many."""
    layers = sorted(rows["layer"].unique())[-MOST_LAYERS:]
    wide = rows["half_life"].max() > WIDE * rows["half_life"].min()
    axes.set_yscale("log" if wide else "linear")
    for place, layer in enumerate(layers):
        lives = np.sort(rows.loc[rows["layer"] == layer, "half_life"].to_numpy())[::-1]
        look = style.look(place, f"layer {layer}" if len(layers) > 1 else "all units")
        style.line(axes, np.arange(1, len(lives) + 1), lives, lives, lives, look)
    if wide:
        style.whole_numbers(axes.yaxis)
    else:
        axes.set_ylim(0, None)
    axes.set_xlabel("units, longest first")
    axes.set_ylabel("half-life (steps)")
    axes.margins(x=0)


FINDING = Finding(5, "Which units carry", words, picture)
