"""The one style of all figures: sizes, looks of the cells, axes, direct labels, and the layout that ends a figure.

Sizes are those of the finished figure, ``WIDTH`` inches wide: on a page it is a column, on a phone it shrinks to about
0.7 of that and stays legible. Every look differs from the others in line, marker and lightness as well as in colour,
so that a figure can be read in grey. The font is the one that comes with matplotlib, so that bytes do not depend on the
fonts of a machine.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from whylstm import wording
from whylstm.figures import _labels, _layout, _text
from whylstm.labels import CELLS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH = 4.8
"""Inches across."""

SMALL, BODY, TITLE = 9.0, 10.0, 11.5
"""Points: ticks and labels in maps; axis and line labels; the message."""

INK, GREY, PALE = "#1a1a1a", "#5c5c5c", "#d9d9d9"

MARKS = 5
"""About how many markers a line carries."""

NEAR_PEAK = 0.9
"""How high, as part of its peak, a line must end to be labelled at its end and not at its peak."""

RC: dict[str, Any] = {
    "figure.facecolor": "white",
    "savefig.facecolor": "white",
    "savefig.dpi": 200,
    "figure.constrained_layout.h_pad": 0.05,
    "figure.constrained_layout.w_pad": 0.05,
    "font.size": BODY,
    "axes.labelsize": BODY,
    "axes.titlesize": BODY,
    "axes.titlelocation": "left",
    "axes.titleweight": "bold",
    "xtick.labelsize": SMALL,
    "ytick.labelsize": SMALL,
    "axes.edgecolor": GREY,
    "axes.labelcolor": INK,
    "text.color": INK,
    "xtick.color": GREY,
    "ytick.color": GREY,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.8,
    "lines.linewidth": 1.8,
    "lines.markersize": 5.0,
    "hatch.linewidth": 0.6,
    "svg.fonttype": "path",
    "pdf.fonttype": 42,
}


@dataclass(frozen=True)
class Look:
    """How one thing is drawn: its name in words, its colour, its line and its marker."""

    label: str
    colour: str
    line: Any
    marker: str


SOLID, DASHED, DOTTED, DASHDOT, LONG = "-", (0, (4, 1.5)), (0, (1, 1.2)), (0, (5, 1.2, 1, 1.2)), (0, (9, 1.5))

LOOKS: tuple[tuple[str, Any, str], ...] = (
    ("#08519c", SOLID, "o"),
    ("#b03a00", DASHED, "s"),
    ("#006d4f", DASHDOT, "^"),
    ("#1a1a1a", DOTTED, "D"),
    ("#8e4a9b", LONG, "v"),
)
"""Colour, line and marker of the first, second ... line of a panel; no panel has more."""


def cell(name: str) -> Look:
    """Return the look of a cell, the same in every figure: that of its place in the list; others keep their name."""
    place = list(CELLS).index(name) if name in CELLS else len(CELLS)
    return Look(CELLS.get(name, name), *LOOKS[place % len(LOOKS)])


def look(place: int, label: str) -> Look:
    """Return the look of the line at a place (from 0) in a panel that does not compare cells."""
    return Look(label, *LOOKS[place])


@contextlib.contextmanager
def context(salt: str) -> Iterator[None]:
    """Draw and save in the study's style, whatever the caller's settings are, and leave those as they were.

    Args:
        salt: what the identifiers inside an SVG are made from, one per figure, so that two fit on one page.
    """
    import matplotlib

    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(RC | {"svg.hashsalt": f"whylstm-{salt}"})
        yield


def canvas(height: float) -> Figure:
    """Return an empty figure of the column's width and a height in inches, without a window, its layout steady."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure as MatplotlibFigure

    figure = MatplotlibFigure(figsize=(WIDTH, height), layout=_layout.engine()())
    FigureCanvasAgg(figure)
    return figure


def blank() -> Figure:
    """Return a figure of a title alone, for what a study has nothing to show of."""
    figure = canvas(1.0)
    figure.subplots().set_axis_off()
    return figure


def line(axes: Axes, x: Any, middle: Any, low: Any, high: Any, how: Look, *, says: str = "", at: str = "end") -> None:
    """Draw a median with its band and register its label; values that are not finite leave a gap.

    Args:
        axes: the panel.
        x: (N,) positions.
        middle: (N,) medians.
        low: (N,) lower ends of the intervals.
        high: (N,) upper ends.
        how: look and label.
        says: what the label adds to the name, for example the value at the end.
        at: where the label stands: beside the line's ``end``, or above its ``peak``.
    """
    import numpy as np

    x, middle, low, high = (np.asarray(values, dtype=float) for values in (x, middle, low, high))
    middle = np.where(np.isfinite(middle), middle, np.nan)
    seen = np.isfinite(low) & np.isfinite(high)
    axes.fill_between(x, low, high, where=seen, color=how.colour, alpha=0.18, linewidth=0)
    marked = _marked(np.log(x) if axes.get_xscale() == "log" else x)
    axes.plot(x, middle, color=how.colour, linestyle=how.line, marker=how.marker, markevery=marked, clip_on=False)
    _label(axes, x, middle, f"{how.label} {says}".strip(), how.colour, at)


def _label(axes: Axes, x: Any, y: Any, text: str, colour: str, at: str) -> None:
    """Register the label of a line that is finite somewhere; a line that is highest near its end has it there."""
    import numpy as np

    shown = np.flatnonzero(np.isfinite(y))
    if not len(shown):
        return
    top, last = int(np.nanargmax(y)), shown[-1]
    if at == "end" or y[last] >= NEAR_PEAK * y[top]:
        _labels.end(axes, float(y[last]), text, colour)
    else:
        _labels.peak(axes, float(x[top]), float(y[top]), text, colour)


def theory(axes: Axes, x: Any, y: Any, label: str) -> None:
    """Draw a prediction over the measurement, thin, dashed and grey, with its label at its end."""
    axes.plot(x, y, color=GREY, linestyle=(0, (3, 3)), linewidth=0.9, zorder=3)
    _labels.end(axes, float(y[-1]), label, GREY)


def _marked(x: Any) -> list[int]:
    """Return which of the sorted positions carry a marker: all of a few, else about ``MARKS``, evenly spaced."""
    import numpy as np

    if len(x) <= 2 * MARKS:
        return list(range(len(x)))
    return sorted({int(abs(x - place).argmin()) for place in np.linspace(x[0], x[-1], 2 * MARKS + 1)[1::2]})


def whole_numbers(axis: Any) -> None:
    """Write the ticks of a logarithmic axis of counts as whole numbers: 1, 10, 100."""
    from matplotlib.ticker import FuncFormatter, NullFormatter

    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axis.set_minor_formatter(NullFormatter())


def zero_line(axes: Axes) -> None:
    """Mark zero on a y axis where its sign is what counts."""
    axes.axhline(0, color=INK, linewidth=0.8, zorder=1)


def powers_of_ten(axis: Any) -> None:
    """Write the ticks of an axis that holds log10 values as powers of ten."""
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    axis.set_major_locator(MaxNLocator(nbins=6, integer=True, steps=[1, 2, 2.5, 5, 10]))
    axis.set_major_formatter(FuncFormatter(lambda value, _: wording.power(value) if value else "1"))


def finish(figure: Figure, title: str) -> Figure:
    """Put the message on top, lay everything out, write the labels at the line ends, and freeze the layout.

    The layout is computed once, so that SVG, PDF and PNG show the same.
    """
    from matplotlib.text import Annotation

    wrapped = _text.wrap(title, (WIDTH - 0.2) * 72, TITLE, bold=True, even=True)
    figure.suptitle(wrapped, x=0.02, ha="left", fontsize=TITLE, fontweight="bold", linespacing=1.25)
    figure.draw_without_rendering()
    for axes in figure.axes:
        _labels.write_ends(axes)
    figure.draw_without_rendering()
    for axes in figure.axes:
        _labels.lift_peaks(axes)
    figure.set_layout_engine(None)
    for annotation in figure.findobj(Annotation):
        annotation.set_in_layout(False)
    return figure
