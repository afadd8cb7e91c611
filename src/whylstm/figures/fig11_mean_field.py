"""Figure 11: the growth of the gradient that mean-field theory predicts, over the one that is measured.

The theory is that of infinitely many units with weights drawn afresh at each step, and it averages the *squared* norm.
A network has a few dozen units and one matrix, and its exponent is the typical growth of the norm itself. With random
signs on its hops one matrix is as good as fresh ones, which tells the first difference from the others.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from whylstm import wording
from whylstm.figures import _choose, _laboratory, style
from whylstm.figures.base import Figure, judge

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Picture

    from whylstm.figures._laboratory import Setting
    from whylstm.figures.base import Claims, Tables

SIGNS = {"own": "theory minus measurement; grey: right", "random": "the same, if hops get random signs"}
"""The two ways in which networks were measured, each with the title of its panel."""
LINES = 5
CLOSE = math.log(10) * 2 / 100
"""Nats per step: a prediction this close is off by less than two decades in a hundred steps."""


def picture(tables: Tables, claims: Claims) -> Picture:
    """Return theory minus measurement for both kinds of signs, and below one setting with its theory."""
    figure = style.canvas(6.4)
    panels = figure.subplots(3, 1, sharex=True, height_ratios=[1.15, 1.15, 1.0])
    panels[1].sharey(panels[0])
    for axes, signs in zip(panels, SIGNS, strict=False):
        draw_difference(axes, tables, signs)
    draw_setting(panels[-1], tables, drawn(tables))
    gains = tables["theory_gap"]["gain"]
    octaves = [2.0**power for power in range(-9, 10) if gains.min() <= 2.0**power <= gains.max()]
    panels[-1].set_xticks(octaves or [gains.min()], [wording.number(gain) for gain in octaves or [gains.min()]])
    panels[-1].minorticks_off()
    panels[-1].set_xlabel("gain")
    return figure


def draw_difference(axes: Axes, tables: Tables, signs: str) -> None:
    """Draw theory minus measurement against the gain, with the strip in which the theory counts as right."""
    axes.set_xscale("log")
    axes.axhspan(-CLOSE, CLOSE, color=style.PALE, linewidth=0, zorder=0)
    for place, setting in enumerate(_laboratory.settings(tables["theory_gap"])[:LINES]):
        rows = gap(tables, setting, signs)
        how = style.look(place, _laboratory.words(setting))
        style.line(axes, rows["gain"], rows["difference"], rows["difference_low"], rows["difference_high"], how)
    _rule(axes)
    axes.set_title(SIGNS[signs])
    axes.set_ylabel("nats per step")


def draw_setting(axes: Axes, tables: Tables, setting: Setting) -> None:
    """Draw λ₁ of one cell and forget bias against the gain, as it is and with random signs, and the theory."""
    for place, (signs, label) in enumerate((("own", "measured"), ("random", "random signs"))):
        rows = gap(tables, setting, signs)
        how = style.look(place, label)
        style.line(axes, rows["gain"], rows["measured"], rows["measured_low"], rows["measured_high"], how)
    predicted = _laboratory.rows_of(tables["mean_field"], "mean_field", setting).sort_values("gain")
    predicted = predicted[predicted["gain"].between(rows["gain"].min(), rows["gain"].max())]
    style.theory(axes, predicted["gain"].to_numpy(), predicted["exponent"].to_numpy(), "theory")
    _rule(axes)
    axes.set_title(_laboratory.words(setting))
    axes.set_ylabel("λ₁ (nats/step)")
    axes.margins(x=0.02)


def _rule(axes: Axes) -> None:
    axes.axhline(0, color=style.INK, linewidth=0.8, zorder=1, gid="rule")


def drawn(tables: Tables) -> Setting:
    """Return the setting of the last panel: the LSTM at its smallest forget bias, or the first there is."""
    found = _laboratory.settings(tables["theory_gap"])
    return next((setting for setting in found if setting[0] == "lstm"), found[0])


def gap(tables: Tables, setting: Setting, signs: str) -> pd.DataFrame:
    """Return theory and measurement of one setting in order of the gain."""
    return _laboratory.rows_of(tables["theory_gap"], "theory_gap", setting, signs=signs).sort_values("gain")


def of(tables: Tables, signs: str) -> pd.DataFrame:
    """Return all settings measured in one way, in order."""
    rows = tables["theory_gap"]
    return rows[rows["signs"] == signs].sort_values(["cell", "gain", "forget_bias"])


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
    """Return whether the theory predicts λ₁ to within two decades in a hundred steps, over all settings as they are."""
    rows = of(tables, "own")
    return judge(int(close(rows).sum()), int((above(rows) | below(rows)).sum()), len(rows))


def facts(tables: Tables, claims: Claims) -> dict[str, str]:
    """Return in how many settings the theory is right and wrong, by cell, and where it is off by most."""
    rows, random = of(tables, "own"), of(tables, "random")
    off = rows["difference"].abs()
    worst = rows.loc[off.idxmax()]
    counted = rows.assign(close=close(rows)).groupby("cell")["close"].agg(["sum", "size"])
    each = [f"{style.cell(str(cell)).label} {row['sum']} of {row['size']}" for cell, row in counted.iterrows()]
    return {
        "close": str(int(close(rows).sum())),
        "above": str(int(above(rows).sum())),
        "below": str(int(below(rows).sum())),
        "random": str(int(close(random).sum())),
        "random_above": str(int(above(random).sum())),
        "random_below": str(int(below(random).sum())),
        "total": str(len(rows)),
        "each": wording.listed(each),
        "worst": wording.number(off.max()),
        "where": f"{_laboratory.words((worst['cell'], worst['forget_bias']))}, gain {wording.number(worst['gain'])}",
        "hidden": str(int(rows["hidden"].max())),
        "limit": wording.number(CLOSE),
        "units": str(int(tables["mean_field"]["units"].max())),
        "replicates": wording.span(*_choose.replicates(rows)),
        "coverage": _choose.coverage(rows),
    }


FIGURE = Figure(
    number=11,
    tables=("theory_gap", "mean_field"),
    picture=picture,
    verdict=verdict,
    titles={
        "holds": "Mean-field theory predicts the gradient’s growth well in all {total} settings",
        "holds under conditions": (
            "Mean-field theory is right in {close} of {total} settings; where signs are random, as if weights were "
            "drawn afresh, in {random}"
        ),
        "refuted": (
            "Mean-field theory misses the gradient’s growth in all {total} settings; where signs are random it is "
            "right in {random}"
        ),
        "undecided": "Mean-field theory predicts the gradient’s growth well in at least {close} of {total} settings",
    },
    facts=facts,
    caption=(
        "Largest Lyapunov exponent λ₁ of networks of {hidden} units, driven by noise, at initialisation, against "
        "mean-field theory ({units} sampled units); lines: medians over {replicates} replicates, bands: their "
        "{coverage} intervals. Grey: the theory is off by less than {limit} nats per step, two decades in a hundred "
        "steps. Above: the networks as they are; the whole interval is right in {each}, too low in {below}, too "
        "high in {above}. Middle: the same runs with a random sign for every unit and step on all that passes a "
        "recurrent matrix: right in {random}, too low in {random_below}, too high in {random_above}. Bias: forget bias."
    ),
    alt=(
        "Line charts against the gain on a logarithmic axis. Theory minus measurement for every cell and forget bias, "
        "first as they are and then with random signs; below, λ₁ of one setting with its theory. As they are, the "
        "theory is right in {each} settings and off by most, by {worst} nats per step, at {where}; with random signs "
        "it is right in {random} of {total}."
    ),
)
