"""What the figures of training share: which experiment plays which part, its arms in order, and both in words.

No experiment and no arm is known by name: :mod:`whylstm.statistics._roles` finds them by what their trials are.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from whylstm import labels, wording
from whylstm.figures import style
from whylstm.statistics import _roles
from whylstm.statistics._roles import of as of

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd
    from matplotlib.axes import Axes

    from whylstm.figures.base import Tables

LINES = 5
"""The most lines of a panel."""
SETTING = _roles.SETTING
ORDER = list(labels.CELLS)
TASKS = {
    "temporal_order": "temporal order",
    "temporal_order_3bit": "temporal order, three symbols",
    "adding_pascanu": "adding, unequal lengths",
    "copy_variable": "copy, delay unknown",
    "digits": "digits, pixel by pixel",
    "digits_permuted": "digits, pixels permuted",
}
OPTIMISERS = {"sgd": "SGD", "adam": "Adam", "rmsprop": "RMSprop", "momentum": "momentum"}
INITIALISATIONS = {"torch_default": "PyTorch’s", "keras_default": "Keras’s"}
NOTHING = "This study has trained no network from which {what} could be told"


def joined(tables: Tables, name: str) -> pd.DataFrame:
    """Return the rows of a table beside what their trials are, arms in order and lengths rising."""
    return ordered(_roles.joined(tables, name))


def ordered(rows: pd.DataFrame) -> pd.DataFrame:
    """Return rows of trials with the arms in order and the lengths rising."""
    places = rows["cell"].map(lambda cell: ORDER.index(cell) if cell in ORDER else len(ORDER))
    keys = ["place", "forget_bias", "t_max", "gain", "omega", "unclipped", "detach", "arm", "longest", "hidden"]
    rows = rows.assign(place=places, unclipped=rows["clip_norm"].isna() & rows["clip_value"].isna())
    ascending = [key != "unclipped" for key in keys]
    return rows.sort_values(keys, ascending=ascending, ignore_index=True).drop(columns=["place", "unclipped"])


def arms(rows: pd.DataFrame) -> list[str]:
    """Return the arms of :func:`joined` rows, in order, each once."""
    return list(dict.fromkeys(rows["arm"]))


def panels(rows: pd.DataFrame) -> list[list[str]]:
    """Return the arms of an experiment, as few lists as there must be with at most five in each."""
    known = arms(rows)
    count = -(-len(known) // LINES)
    size = -(-len(known) // count) if count else 0
    return [known[start : start + size] for start in range(0, len(known), size)] if known else []


def words(rows: pd.DataFrame) -> dict[str, str]:
    """Return each arm in words: its cell where cells differ, and what else tells it from the arms of its cell."""
    each = {arm: own.iloc[0] for arm, own in rows.groupby("arm", sort=False)}
    several = rows["cell"].nunique() > 1
    found = {}
    for arm, own in each.items():
        like = [one for one in each.values() if one["cell"] == own["cell"]]
        told = [*([style.cell(str(own["cell"])).label] if several else []), *_differences(own, like)]
        found[arm] = ", ".join(told) or style.cell(str(own["cell"])).label
    doubled = {text for text in found.values() if list(found.values()).count(text) > 1}
    return {arm: arm if text in doubled else text for arm, text in found.items()}


def _differences(own: pd.Series, like: list[pd.Series]) -> list[str]:
    """Return what tells a trial from those of the same cell, in words."""
    tellers = {
        ("initialisation",): lambda: INITIALISATIONS.get(own["initialisation"], own["initialisation"]),
        ("forget_bias",): lambda: (
            f"bias {wording.number(own['forget_bias'])}" if own["forget_bias"] == own["forget_bias"] else ""
        ),
        ("gain",): lambda: f"gain {wording.number(own['gain'])}" if own["gain"] == own["gain"] else "",
        ("clip_norm", "clip_value", "omega"): lambda: clipping(own),
        ("detach",): lambda: cutting(float(own["detach"])),
        ("optimiser",): lambda: OPTIMISERS.get(own["optimiser"], own["optimiser"]),
        ("optimiser_options",): lambda: own["optimiser_options"],
        ("learning_rate",): lambda: f"rate {wording.number(own['learning_rate'])}",
    }
    told = []
    for columns, tell in tellers.items():
        same = all(str(one[column]) == str(own[column]) for one in like for column in columns)
        if not same and (text := tell()) and not (columns == ("initialisation",) and text == "gaussian"):
            told.append(text)
    return told


def clipping(own: Any) -> str:
    """Return in words how a trial's gradient is held back."""
    clipped = own["clip_norm"] == own["clip_norm"] or own["clip_value"] == own["clip_value"]
    held = [*(["clipped"] if clipped else []), *(["Ω"] if own["omega"] > 0 else [])]
    return ", ".join(held) or "plain"


def cutting(detach: float) -> str:
    """Return in words how often a trial's gradient is cut.

    >>> cutting(0.0), cutting(1.0), cutting(0.25)
    ('full gradient', 'truncated', 'cut at 25%')
    """
    if detach in (0.0, 1.0):
        return "truncated" if detach else "full gradient"
    return f"cut at {wording.percent(detach)}"


def task(name: str) -> str:
    """Return a task in words."""
    return TASKS.get(name, name.replace("_", " "))


def setting(rows: pd.DataFrame, *, cell: bool = True) -> str:
    """Return task, sizes and optimisers of some trials in words, with the cell first where there is only one."""
    sizes = wording.listed([str(size) for size in sorted(rows["hidden"].unique())])
    how = wording.listed([OPTIMISERS.get(name, name) for name in sorted(rows["optimiser"].unique())])
    names = wording.listed([task(name) for name in sorted(rows["task"].unique())])
    cells = rows["cell"].unique()
    whose = f"{style.cell(str(cells[0])).label}: " if cell and len(cells) == 1 else ""
    return f"{whose}{names}, {sizes} units, {how}"


def looks(known: list[str], named: dict[str, str]) -> list[tuple[str, style.Look]]:
    """Return the arms of a panel with their looks."""
    return [(arm, style.look(place, named[arm])) for place, arm in enumerate(known)]


def lengths_axis(axes: Axes, lengths: Iterable[float]) -> None:
    """Make the x axis one of lengths: logarithmic, a tick at each, or a room around a single one."""
    known = sorted(set(lengths))
    axes.set_xscale("log")
    axes.set_xlim(known[0] / ROOM, known[-1] * ROOM)
    axes.minorticks_off()
    axes.set_xticks(known, [f"{length:,g}" for length in known])


def updates_axis(axes: Axes, updates: Iterable[float]) -> None:
    """Make the x axis one of updates, logarithmic but for the start, which stands at a third."""
    known = sorted(set(updates))
    axes.set_xscale("log")
    decades = [10.0**power for power in range(9) if 1 <= 10**power <= known[-1]]
    axes.minorticks_off()
    axes.set_xticks([START, *decades], ["start", *[f"{decade:,.0f}" for decade in decades]])
    axes.set_xlim(START, known[-1] * 1.02)


START = 0.3
"""Where the state before the first update stands on a logarithmic axis of updates."""


def at_updates(rows: pd.DataFrame) -> pd.Series:
    """Return the updates of some rows as places on such an axis."""
    return rows["update"].clip(lower=START).astype(float)


def level(axes: Axes, y: float, says: str, *, above: bool = True) -> None:
    """Draw a level across the panel that was not measured, such as what guessing earns, with its words inside."""
    axes.axhline(y, color=style.GREY, linestyle=(0, (3, 3)), linewidth=0.9, zorder=1, gid="rule")
    place: dict[str, Any] = {"xytext": (4, 3 if above else -3), "textcoords": "offset points", "annotation_clip": False}
    text = {"color": style.GREY, "fontsize": style.SMALL, "ha": "left", "va": "bottom" if above else "top"}
    halo(axes.annotate(says, (0, y), xycoords=("axes fraction", "data"), **place, **text))


def halo(text: Any) -> None:
    """Let a text be read over what is drawn below it."""
    from matplotlib.patheffects import withStroke

    text.set_path_effects([withStroke(linewidth=3, foreground="white")])


def dodged(axes: Axes, rows: pd.DataFrame, how: style.Look, place: int, column: str = "rate") -> None:
    """Draw rates against the length, intervals as bars; the lines of a panel stand a little apart.

    Args:
        axes: a panel with an axis of lengths.
        rows: ``longest``, the column, ``low`` and ``high``.
        how: look and label.
        place: which of the panel's lines it is, from 0.
        column: what is drawn.
    """
    import numpy as np

    x = rows["longest"].to_numpy() * APART ** (place - (LINES - 1) / 2)
    gone = np.full(len(rows), np.nan)
    style.line(axes, x, rows[column], gone, gone, how)
    axes.vlines(x, rows["low"], rows["high"], color=how.colour, linewidth=1.2, alpha=0.6)


ROOM = 1.09
"""By what factor an axis of lengths goes beyond the first and the last, so that marks beside them are whole."""

APART = 1.022
"""The factor between the places of neighbouring lines on a logarithmic axis of lengths."""


def ratio(log10: float) -> str:
    """Return a number that is held as its log₁₀: as a number where that is short, and as a power of ten elsewhere.

    >>> ratio(-0.4), ratio(-13.2), ratio(2.1)
    ('0.4', '10⁻¹³', '130')
    """
    return wording.number(10**log10, 1 if log10 < 0 else 2) if -2 <= log10 < 3 else wording.power(log10)


def ratios_axis(axis: Any) -> None:
    """Write the ticks of an axis that holds log₁₀ values as powers of ten, or as round numbers where it spans few."""
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    low, high = axis.get_view_interval()
    if high - low >= WIDE:
        style.powers_of_ten(axis)
        return
    for steps in ROUND:
        every = [step * 10.0**power for power in range(math.floor(low), math.ceil(high) + 1) for step in steps]
        found = [value for value in every if low <= math.log10(value) <= high]
        if len(found) >= FEWEST_TICKS:
            axis.set_ticks([math.log10(value) for value in found], [wording.number(value) for value in found])
            return
    axis.set_major_locator(MaxNLocator(nbins=4))
    axis.set_major_formatter(FuncFormatter(lambda value, _: wording.number(10**value, 3)))


WIDE = 2.5
"""Decades from which on an axis has ticks at powers of ten alone."""
ROUND = ((1,), (1, 3), (1, 2, 5), (1, 1.5, 2, 3, 5, 7))
"""Digits of the ticks of a narrower axis: the first that give enough of them."""
FEWEST_TICKS = 3


def percents(axes: Axes) -> None:
    """Make the y axis one of shares from none to all."""
    axes.set_ylim(-0.03, 1.05)
    axes.set_yticks([0, 0.5, 1], ["0%", "50%", "100%"])


def runs(*tables: pd.DataFrame) -> str:
    """Return the smallest and the largest number of runs behind the rows that are drawn."""
    return wording.span(min(int(t["n"].min()) for t in tables), max(int(t["n"].max()) for t in tables))


def note(axes: Axes, row: float, says: str, colour: str) -> None:
    """Write words beside the right edge at a height, as a label of a line stands there."""
    place: dict[str, Any] = {"xytext": (9, 0), "textcoords": "offset points", "annotation_clip": False}
    axes.annotate(says, (1, row), xycoords=("axes fraction", "data"), **place, va="center", color=colour)
