"""Which units carry: how much of its memory a unit keeps from step to step, and which units keep it longest."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from whylstm.diagnosis.findings._drawing import MOST_LAYERS, panel
from whylstm.diagnosis.findings._phrases import in_layer, steps_of
from whylstm.diagnosis.findings.base import Finding, Picture, Summary
from whylstm.figures import style
from whylstm.figures._text import percent

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes


WIDE = 20
"""Half-lives are drawn on a logarithmic axis if the longest is more than so many times the shortest."""


def words(summary: Summary) -> str:
    """Return mean carry and half-lives layer by layer; empty for a network without carry."""
    told = []
    for layer in summary["layers"]:
        found = layer["units"]
        if found is None:
            continue
        best, where = found["longest"][0], in_layer(layer, summary).capitalize()
        told.append(
            f"{where}{'a' if where else 'A'} unit keeps {percent(found['carry_mean'])} of its memory from step to step"
            f" on average. By the direct path alone half of it is left after {steps_of(found['half_life_median'])} in"
            f" the median unit and after {steps_of(best['half_life'])} in unit {best['unit']}, which keeps longest."
        )
    return "\n".join(told)


def picture(summary: Summary, tables: dict[str, pd.DataFrame]) -> Picture | None:
    """Draw every unit's half-life on its direct path, longest first."""
    rows = tables["units"]
    finite = rows[np.isfinite(rows["half_life"]) & (rows["half_life"] > 0)]
    if finite.empty:
        return None
    layers = sorted(finite["layer"].unique())[-MOST_LAYERS:]

    def draw(axes: Axes) -> None:
        wide = finite["half_life"].max() > WIDE * finite["half_life"].min()
        axes.set_yscale("log" if wide else "linear")
        for place, layer in enumerate(layers):
            lives = np.sort(finite.loc[finite["layer"] == layer, "half_life"].to_numpy())[::-1]
            look = style.look(place, f"layer {layer}" if len(layers) > 1 else "all units")
            style.line(axes, np.arange(1, len(lives) + 1), lives, lives, lives, look)
        if wide:
            style.whole_numbers(axes.yaxis)
        else:
            axes.set_ylim(0, None)
        axes.set_xlabel("units, longest first")
        axes.set_ylabel("half-life (steps)")
        axes.margins(x=0)

    best = finite.loc[finite["half_life"].idxmax()]
    where = f" of layer {int(best['layer'])}" if len(layers) > 1 else ""
    life = steps_of(best["half_life"])
    return Picture(
        panel(draw),
        f"Unit {int(best['unit'])}{where} keeps longest: by its direct path half is left after {life}",
        "Half-life of every unit by its direct path, ln 2 / −mean(ln f), where f is the unit's carry.",
        f"Line chart of half-lives, units in order. The longest is {life}.",
    )


FINDING = Finding(5, "Which units carry", words, picture)
