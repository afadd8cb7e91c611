"""Figure 11: the growth of the gradient that mean-field theory predicts, over the one that is measured.

The theory is that of infinitely many units with weights drawn afresh at each step, and it averages the *squared* norm.
A network has a few dozen units and one matrix, and its exponent is the typical growth of the norm itself.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from whylstm.figures import _choose, _laboratory, _layout, _text, style
from whylstm.figures.base import Figure, judge

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Picture

    from whylstm.figures._laboratory import Setting
    from whylstm.figures.base import Claims, Tables

CELLS = ("tanh", "lstm")
LINES, BIASES = 5, 2
"""How many settings the first panel shows, and how many forget biases of a cell each other panel, at most."""
CLOSE = math.log(10) * 2 / 100
"""Nats per step: a prediction this close is off by less than two decades in a hundred steps."""


def picture(tables: Tables, claims: Claims) -> Picture:
    """Return theory minus measurement above, and below, cell by cell, the measured exponents with the theory."""
    shown = cells(tables)
    figure = _layout.canvas(3.0 + 1.7 * len(shown))
    panels = figure.subplots(1 + len(shown), 1, sharex=True, height_ratios=[1.3] + [1.0] * len(shown))
    draw_difference(panels[0], tables)
    for axes, cell in zip(panels[1:], shown, strict=True):
        draw_cell(axes, tables, cell)
    gains = tables["theory_gap"]["gain"]
    octaves = [2.0**power for power in range(-9, 10) if gains.min() <= 2.0**power <= gains.max()]
    panels[-1].set_xticks(octaves or [gains.min()], [_text.number(gain) for gain in octaves or [gains.min()]])
    panels[-1].minorticks_off()
    panels[-1].set_xlabel("gain")
    return figure


def draw_difference(axes: Axes, tables: Tables) -> None:
    """Draw theory minus measurement against the gain, with the strip in which the theory counts as right."""
    axes.set_xscale("log")
    axes.axhspan(-CLOSE, CLOSE, color=style.PALE, linewidth=0, zorder=0)
    for place, setting in enumerate(_laboratory.settings(tables["theory_gap"])[:LINES]):
        rows = gap(tables, setting)
        how = style.look(place, _laboratory.words(setting))
        style.line(axes, rows["gain"], rows["difference"], rows["difference_low"], rows["difference_high"], how)
    _rule(axes)
    axes.set_title("theory minus measurement; grey: right")
    axes.set_ylabel("nats per step")


def draw_cell(axes: Axes, tables: Tables, cell: str) -> None:
    """Draw one cell: at each forget bias λ₁ against the gain, and what the theory says."""
    chosen = [setting for setting in _laboratory.settings(tables["theory_gap"]) if setting[0] == cell]
    for place, setting in enumerate([chosen[0], chosen[-1]][: min(BIASES, len(chosen))]):
        rows, bias = gap(tables, setting), "" if math.isnan(setting[1]) else f", bias {_text.number(setting[1])}"
        how = style.look(place, f"measured{bias}")
        style.line(axes, rows["gain"], rows["measured"], rows["measured_low"], rows["measured_high"], how)
        predicted = _laboratory.rows_of(tables["mean_field"], "mean_field", setting).sort_values("gain")
        predicted = predicted[predicted["gain"].between(rows["gain"].min(), rows["gain"].max())]
        style.theory(axes, predicted["gain"].to_numpy(), predicted["exponent"].to_numpy(), f"theory{bias}")
    _rule(axes)
    axes.set_title(style.cell(cell).label)
    axes.set_ylabel("λ₁ (nats/step)")
    axes.margins(x=0.02)


def _rule(axes: Axes) -> None:
    axes.axhline(0, color=style.INK, linewidth=0.8, zorder=1, gid="rule")


def cells(tables: Tables) -> list[str]:
    """Return the cells that are drawn: those of the study's main ones that have a theory and a measurement."""
    measured = set(tables["theory_gap"]["cell"])
    return [cell for cell in CELLS if cell in measured] or sorted(measured)[: len(CELLS)]


def gap(tables: Tables, setting: Setting) -> pd.DataFrame:
    """Return theory and measurement of one setting in order of the gain."""
    return _laboratory.rows_of(tables["theory_gap"], "theory_gap", setting).sort_values("gain")


def close(rows: pd.DataFrame) -> pd.Series:
    """Return in which settings the whole interval of the difference is within reach of the theory."""
    return (rows["difference_low"] > -CLOSE) & (rows["difference_high"] < CLOSE)


def above(rows: pd.DataFrame) -> pd.Series:
    """Return in which settings the theory predicts too much growth, by the whole interval of the difference."""
    return rows["difference_low"] > CLOSE


def below(rows: pd.DataFrame) -> pd.Series:
    """Return in which settings the theory predicts too little growth, by the whole interval."""
    return rows["difference_high"] < -CLOSE


def verdict(tables: Tables, claims: Claims) -> str:
    """Return whether the theory predicts λ₁ to within two decades in a hundred steps, over all settings."""
    rows = tables["theory_gap"]
    return judge(int(close(rows).sum()), int((above(rows) | below(rows)).sum()), len(rows))


def facts(tables: Tables, claims: Claims) -> dict[str, str]:
    """Return in how many settings the theory is right and wrong, by cell, and where it is off by most."""
    rows = tables["theory_gap"].sort_values(["cell", "gain", "forget_bias"])
    off = rows["difference"].abs()
    worst = rows.loc[off.idxmax()]
    counted = rows.assign(close=close(rows)).groupby("cell")["close"].agg(["sum", "size"])
    each = [f"{style.cell(str(cell)).label} {row['sum']} of {row['size']}" for cell, row in counted.iterrows()]
    return {
        "close": str(int(close(rows).sum())),
        "above": str(int(above(rows).sum())),
        "below": str(int(below(rows).sum())),
        "total": str(len(rows)),
        "each": _text.listed(each),
        "worst": _text.number(off.max()),
        "where": f"{_laboratory.words((worst['cell'], worst['forget_bias']))}, gain {_text.number(worst['gain'])}",
        "hidden": str(int(rows["hidden"].max())),
        "limit": _text.number(CLOSE),
        "units": str(int(tables["mean_field"]["units"].max())),
        "replicates": _text.span(*_choose.replicates(rows)),
        "coverage": _choose.coverage(rows),
    }


FIGURE = Figure(
    number=11,
    tables=("theory_gap", "mean_field"),
    picture=picture,
    verdict=verdict,
    titles={
        "holds": (
            "Mean-field theory predicts the gradient’s growth well in all {total} settings, to {worst} nats per step"
        ),
        "holds under conditions": (
            "Mean-field theory predicts the gradient’s growth well in {close} of {total} settings, too little in "
            "{below} and too much in {above}"
        ),
        "refuted": (
            "Mean-field theory misses the gradient’s growth in all {total} settings: too little in {below}, too much "
            "in {above}"
        ),
        "undecided": "Mean-field theory predicts the gradient’s growth well in at least {close} of {total} settings",
    },
    facts=facts,
    caption=(
        "Largest Lyapunov exponent λ₁ of networks of {hidden} units, driven by noise, at initialisation, and what "
        "mean-field theory predicts ({units} sampled units); lines: medians over {replicates} replicates, bands: "
        "their {coverage} intervals. Grey strip: the theory is off by less than {limit} nats per step, two decades in "
        "a hundred steps. The whole interval lies there in {each} settings. Off by most, {worst}: {where}. Bias: "
        "forget bias."
    ),
    alt=(
        "Line charts against the gain on a logarithmic axis: theory minus measurement for every cell and forget bias, "
        "and λ₁ with the theory beside it, one panel per cell. The theory is right in {each} settings. It is off by "
        "most, by {worst} nats per step, at {where}."
    ),
)
