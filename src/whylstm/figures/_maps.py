"""Maps over gain and forget bias: one number per cell of the grid, and the line where λ₁ changes its sign."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from whylstm import wording
from whylstm.errors import NothingToShowError
from whylstm.figures import _choose, _text, style

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.colors import ListedColormap

ROW = 0.27
"""Inches that one row of a map takes."""


def over_grid(rows: pd.DataFrame, points: pd.DataFrame, cell: str) -> pd.DataFrame:
    """Return the rows of a table that belong to a cell's grid, with their gain and forget bias.

    Raises:
        NothingToShowError: if there is none, naming the cell.
    """
    found = rows.merge(_choose.grid(points, cell)[["point", "gain", "forget_bias"]], on="point")
    if found.empty:
        raise NothingToShowError(f"a table has no rows for the grid of the cell {cell!r}, so there is nothing to draw")
    return found


def square(rows: pd.DataFrame, column: str) -> pd.DataFrame:
    """Return a column of :func:`over_grid`: gains as columns, forget biases as rows, the largest on top."""
    return rows.pivot(index="forget_bias", columns="gain", values=column).sort_index(ascending=False)


def pale(name: str, first: float, last: float) -> ListedColormap:
    """Return the part of a colour map from ``first`` to ``last`` (0 to 1), light enough for dark text throughout."""
    import numpy as np
    from matplotlib import colormaps
    from matplotlib.colors import ListedColormap

    return ListedColormap(colormaps[name](np.linspace(first, last, 256)))


def draw(axes: Axes, values: pd.DataFrame, words: pd.DataFrame, **colours: Any) -> None:
    """Draw a map with a word in every cell; cells without a value stay white.

    Args:
        axes: the panel.
        values: what is coloured, as :func:`square` gives it.
        words: what is written, with the same rows and columns.
        colours: ``cmap`` with ``norm``, or with ``vmin`` and ``vmax``.
    """
    import seaborn

    text = {"fontsize": style.SMALL, "color": style.INK}
    seaborn.heatmap(
        values, ax=axes, annot=words, fmt="", annot_kws=text, cbar=False, linewidths=0.8, linecolor="white", **colours
    )
    axes.set_xticklabels([wording.number(gain) for gain in values.columns], rotation=0)
    axes.set_yticklabels([wording.number(bias) for bias in values.index], rotation=0)
    axes.tick_params(length=0)
    axes.set_xlabel("gain")
    axes.set_ylabel("forget bias")


def note(axes: Axes, *words: tuple[str, str]) -> None:
    """Write words with their colours above the right end of a panel, beside its title."""
    shift = 0.0
    for text, colour in reversed(words):
        place: dict[str, Any] = {"xytext": (shift, 6), "textcoords": "offset points", "annotation_clip": False}
        axes.annotate(text, (1, 1), xycoords="axes fraction", **place, ha="right", va="baseline", color=colour)
        shift -= (_text.extent(text) + 1.2) * style.BODY


def boundary(axes: Axes, exponents: pd.DataFrame) -> None:
    """Draw the line between the cells of a map in which λ₁ is negative and those in which it is not."""
    for x, y in edges(exponents):
        axes.plot(x, y, color="white", linewidth=4.5, solid_capstyle="round", zorder=4, gid="halo")
        axes.plot(x, y, color=style.INK, linewidth=2.2, solid_capstyle="round", zorder=5, gid="boundary")


def edges(exponents: pd.DataFrame) -> Iterator[tuple[list[int], list[int]]]:
    """Yield the edges between neighbours of different sign as (x, y), in units of cells from the upper left corner."""
    negative, known = (exponents < 0).to_numpy(), exponents.notna().to_numpy()
    rows, columns = negative.shape
    for i in range(rows):
        for j in range(columns):
            for down, right in ((0, 1), (1, 0)):
                k, m = i + down, j + right
                if k < rows and m < columns and known[i, j] and known[k, m] and negative[i, j] != negative[k, m]:
                    yield ([j + 1, j + 1], [i, i + 1]) if right else ([j, j + 1], [i + 1, i + 1])
