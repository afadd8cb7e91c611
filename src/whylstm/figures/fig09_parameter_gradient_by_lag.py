"""Figure 9: from how far back the parameter gradient of an error at the last step comes.

dE/dθ is a sum over lags. Above: how many of the last steps hold half of it, and nine tenths; shares are projections on
the whole gradient, which add up to one. Then the norm of each lag's contribution, which do not add up, and over how
many sequences one must average until a contribution is as much signal, the same in all of them, as noise.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from whylstm import wording
from whylstm.figures import _choose, _laboratory, style
from whylstm.figures.base import Figure, judge

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Picture

    from whylstm.figures._laboratory import Setting
    from whylstm.figures.base import Claims, Tables

NAMES = "parameter_share", "parameter_reach", "parameter_noise"
LINES = 5
HALF, MOST = 0.5, 0.9
FAR = 10
"""Steps: a gradient of which half comes from beyond them comes from far back."""
ROW = 0.3
"""Inches that one row of the upper panel takes."""


def picture(tables: Tables, claims: Claims) -> Picture:
    """Return the steps that hold half and nine tenths of the gradient, and below the norms and the noise by lag."""
    chosen = shown(tables)
    figure = style.canvas(6.3 + ROW * len(chosen))
    reach, norms, noise = figure.subplots(3, 1, sharex=True, height_ratios=[ROW * len(chosen), 2.0, 2.0])
    draw_reach(reach, tables, chosen)
    draw_norms(norms, tables, chosen)
    draw_noise(noise, tables, chosen)
    noise.set_xlabel("steps back, 1 is the last step")
    return figure


def draw_reach(axes: Axes, tables: Tables, chosen: list[Setting]) -> None:
    """Draw one row per setting: a full mark where half of the gradient is reached, an open one at nine tenths."""
    for row, (setting, how) in enumerate(zip(chosen, looks(chosen), strict=True)):
        half, most = (reached(tables, setting, part) for part in (HALF, MOST))
        axes.hlines(row, half["lag"] + 1, most["lag"] + 1, color=how.colour, linewidth=1.2)
        for found, face in ((half, how.colour), (most, "white")):
            axes.hlines(row, found["lag_low"] + 1, found["lag_high"] + 1, color=how.colour, linewidth=6, alpha=0.25)
            axes.scatter([found["lag"] + 1], [row], s=34, marker=how.marker, color=how.colour, facecolor=face, zorder=3)
        says = f"{count(half['lag'])} and {count(most['lag'])}"
        place: dict[str, Any] = {"xytext": (9, 0), "textcoords": "offset points", "annotation_clip": False}
        axes.annotate(says, (1, row), xycoords=("axes fraction", "data"), **place, va="center", color=how.colour)
    axes.set_yticks(range(len(chosen)), [_laboratory.words(setting) for setting in chosen])
    axes.set_ylim(len(chosen) - 0.5, -0.5)
    axes.tick_params(axis="y", length=0)
    axes.set_title("last steps that hold half (filled) and 90%")
    axes.set_ylabel("cell")


def draw_norms(axes: Axes, tables: Tables, chosen: list[Setting]) -> None:
    """Draw the norm of the contribution of each step, counted from the last, each with its value at the first."""
    axes.set_xscale("log")
    for setting, how in zip(chosen, looks(chosen), strict=True):
        rows = shares(tables, setting)
        says = wording.power(rows["norm"].iloc[-1])
        style.line(axes, rows["lag"] + 1, rows["norm"], rows["norm_low"], rows["norm_high"], how, says=says)
    axes.set_title("contribution of a single step")
    axes.set_ylabel("norm")
    axes.set_xlim(0.85, rows["lag"].max() + 1)
    style.powers_of_ten(axes.yaxis)
    style.whole_numbers(axes.xaxis)


def draw_noise(axes: Axes, tables: Tables, chosen: list[Setting]) -> None:
    """Draw how many sequences hold as much signal as noise, as far back as there is signal, and how far that is."""
    axes.set_yscale("log")
    most = 1.0
    for setting, how in zip(chosen, looks(chosen), strict=True):
        rows = heard(tables, setting)
        middle, low, high = (1 / rows[name] for name in ("ratio", "ratio_high", "ratio_low"))
        style.line(axes, rows["lag"] + 1, middle, low, high, how, says=f"({len(rows)} steps)")
        most = max([most, *middle])
    axes.set_title("sequences whose mean is half signal")
    axes.set_ylabel("sequences")
    axes.set_ylim(top=2 * most)  # the ends of wide bands are left out
    style.whole_numbers(axes.yaxis)


def heard(tables: Tables, setting: Setting) -> pd.DataFrame:
    """Return the lags of one setting, in order, up to the first at which there may be no signal."""
    rows = _laboratory.rows_of(tables["parameter_noise"], "parameter_noise", setting).sort_values("lag")
    return rows[(rows["ratio_low"] > 0).cumprod().astype(bool)]


def shown(tables: Tables) -> list[Setting]:
    """Return the settings that are drawn, as many as have looks of their own."""
    return _laboratory.settings(tables["parameter_share"])[:LINES]


def looks(chosen: list[Setting]) -> list[style.Look]:
    """Return the look of each setting; those of one cell differ as any two do."""
    return [style.look(place, _laboratory.words(setting)) for place, setting in enumerate(chosen)]


def shares(tables: Tables, setting: Setting) -> pd.DataFrame:
    """Return the contributions of one setting in order of the lag."""
    return _laboratory.rows_of(tables["parameter_share"], "parameter_share", setting).sort_values("lag")


def reached(tables: Tables, setting: Setting, part: float) -> Any:
    """Return the row of the lag up to which a part of the gradient is reached."""
    return _laboratory.rows_of(tables["parameter_reach"], "parameter_reach", setting, part=part).iloc[0]


def verdict(tables: Tables, claims: Claims) -> str:
    """Return whether at least half of the gradient comes from far back, over all settings."""
    halves = [reached(tables, setting, HALF) for setting in _laboratory.settings(tables["parameter_reach"])]
    far, near = (sum(test(row) for row in halves) for test in (_far, _near))
    return judge(far, near, len(halves))


def _far(row: Any) -> bool:
    return bool(row["lag_low"] >= FAR)


def _near(row: Any) -> bool:
    return bool(row["lag_high"] < FAR)


def facts(tables: Tables, claims: Claims) -> dict[str, str]:
    """Return the settings with the nearest and the farthest half, and what each reaches."""
    found = {setting: reached(tables, setting, HALF) for setting in _laboratory.settings(tables["parameter_reach"])}
    near, far = (pick(found, key=lambda setting: found[setting]["lag"]) for pick in (min, max))
    rows = [shares(tables, setting) for setting in shown(tables)]
    each = [f"{_laboratory.words(setting)}: {count(row['lag'])}" for setting, row in found.items()]
    return {
        "near": _laboratory.words(near),
        "near_steps": steps(found[near]["lag"]),
        "far": _laboratory.words(far),
        "far_steps": steps(found[far]["lag"]),
        "each": "; ".join(each),
        "heard": "; ".join(f"{_laboratory.words(one)}: {len(heard(tables, one))}" for one in shown(tables)),
        "sequences": str(int(tables["parameter_noise"]["sequences"].max())),
        "length": str(int(rows[0]["lag"].max()) + 1),
        "limit": str(FAR),
        "replicates": wording.span(*_choose.replicates(*rows)),
        "coverage": _choose.coverage(*rows),
    }


def count(lag: float) -> int:
    """Return how many last steps there are up to a lag, which may be a half between two.

    >>> count(0.0), count(59.5)
    (1, 61)
    """
    return math.ceil(lag) + 1


def steps(lag: float) -> str:
    """Return the last steps up to a lag in words.

    >>> steps(0.0), steps(59.5)
    ('the last step', 'the last 61 steps')
    """
    return "the last step" if count(lag) == 1 else f"the last {count(lag)} steps"


FIGURE = Figure(
    number=9,
    tables=NAMES,
    picture=picture,
    verdict=verdict,
    titles={
        "holds": "At least half of the parameter gradient comes from far back, in every setting: {far_steps} in {far}",
        "holds under conditions": (
            "Half of the parameter gradient comes from {near_steps} in the {near}, and from {far_steps} in the {far}"
        ),
        "refuted": "Half of the parameter gradient comes from nearby: from {far_steps} at most, in the {far}",
        "undecided": "How far back the parameter gradient comes from stays open: {far_steps} hold half in the {far}",
    },
    facts=facts,
    caption=(
        "The gradient of an error at the last of {length} steps with respect to all parameters, split by how many "
        "steps back they were used. Above: how many of the last steps hold half (filled) and nine tenths (open) of "
        "it, as projections on the whole; thick: {coverage} intervals of the medians over {replicates} replicates. "
        "Middle: norm of each step’s contribution, lines and bands likewise. Below: over how many sequences to average "
        "until a step’s contribution is as much signal, the same in all, as noise (variance over squared mean, of "
        "{sequences} sequences a network); lines end where the interval of the signal meets 0. Networks at "
        "initialisation, driven by noise; bias: forget bias."
    ),
    alt=(
        "Above, a row for each cell and forget bias, with marks at the number of last steps that hold half of the "
        "parameter gradient and nine tenths of it. Steps for half: {each}. In the middle, lines of the norm of each "
        "step’s contribution against the steps back, both axes logarithmic. Below, likewise, how many sequences hold "
        "as much signal as noise. Steps back over which there is signal: {heard}."
    ),
)
