"""What the figures share: one panel in the study's style, lines by lag with the band of all windows, and their axes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from whylstm import wording
from whylstm.figures import style

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST_LAYERS = 4
"""Layers drawn beside the whole network: no panel has more than five lines."""

HEIGHT = 2.7
"""Inches of a panel's height."""


def scopes(summary: dict[str, Any]) -> list[tuple[int, str]]:
    """Return what is drawn as lines: the whole network and its layers, the lowest and the highest ones if many."""
    count = len(summary["layers"])
    if count == 1:
        return [(0, "")]
    layers = list(range(1, count + 1))
    if count > MOST_LAYERS:
        layers = [*layers[: MOST_LAYERS - 1], layers[-1]]
    return [(0, "network"), *((layer, f"layer {layer}") for layer in layers)]


def by_lag(profile: pd.DataFrame, layer: int, quantity: str) -> pd.DataFrame:
    """Return median, min and max over windows and sequences of one quantity's log₁₀ norms, by lag."""
    rows = profile[(profile["layer"] == layer) & (profile["quantity"] == quantity)]
    return rows.groupby("lag")["log10_norm"].agg(["median", "min", "max"])


def banded(axes: Axes, rows: pd.DataFrame, look: style.Look, says: str | None = None, at: str = "end") -> None:
    """Draw medians with their band; the label ends with the last value, a power of ten, unless it says otherwise."""
    told = wording.power(rows["median"].iloc[-1]) if says is None else says
    style.line(axes, rows.index, rows["median"], rows["min"], rows["max"], look, says=told, at=at)


def labelled_where_it_ends(axes: Axes, rows: pd.DataFrame, look: style.Look) -> None:
    """Draw medians with their band, for lines that end at different places: the label stands above the last point."""
    axes.fill_between(rows.index, rows["min"], rows["max"], color=look.colour, alpha=0.18, linewidth=0)
    axes.plot(rows.index, rows["median"], color=look.colour, linestyle=look.line)
    last = (float(rows.index[-1]), float(rows["median"].iloc[-1]))
    axes.annotate(look.label, last, xytext=(3, 3), textcoords="offset points", color=look.colour, annotation_clip=False)


def lag_axis(axes: Axes, label: str, *, logarithmic: bool = True) -> None:
    """Name the axes of a panel whose x axis is the lag; the y axis holds log₁₀ values unless said otherwise."""
    axes.set_xlabel("lag k (steps)")
    axes.set_ylabel(label)
    axes.margins(x=0)
    if logarithmic:
        style.powers_of_ten(axes.yaxis)


def panel(draw: Callable[[Axes], None], height: float = HEIGHT) -> Callable[[], Figure]:
    """Return what makes a figure of one panel."""

    def made() -> Figure:
        figure = style.canvas(height)
        draw(figure.subplots())
        return figure

    return made
