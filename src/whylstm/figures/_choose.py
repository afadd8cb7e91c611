"""The rows that a figure shows (:mod:`whylstm.selection`): there are some, or an error says what the study lacks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whylstm import selection, wording
from whylstm.errors import NothingToShowError

if TYPE_CHECKING:
    import pandas as pd


def grid(points: pd.DataFrame, cell: str) -> pd.DataFrame:
    """Return the points of a cell on the main grid.

    Raises:
        NothingToShowError: if the study has no such point.
    """
    rows = selection.grid(points, cell)
    if rows.empty:
        have = ", ".join(sorted(points["cell"].unique())) or "none"
        raise NothingToShowError(
            f"this study has no cell {cell!r} with Gaussian weights driven by noise (cells there: {have}), so there is"
            " nothing to draw"
        )
    return rows


def point(
    points: pd.DataFrame,
    cell: str,
    gain: float = selection.MAIN_GAIN,
    bias: float = selection.MAIN_FORGET_BIAS,
) -> pd.Series:
    """Return the point of a cell's main grid that is nearest to a gain and a forget bias.

    Raises:
        NothingToShowError: if the study has no point of this cell.
    """
    grid(points, cell)
    return selection.point(points, cell, gain, bias).iloc[0]


def rows_of(table: pd.DataFrame, name: str, **fixed: object) -> pd.DataFrame:
    """Return the rows of a table in which these columns have these values.

    Raises:
        NothingToShowError: if there is none, naming table and values.
    """
    rows = table
    for column, value in fixed.items():
        rows = rows[rows[column] == value]
    if rows.empty:
        asked = ", ".join(f"{column} {value}" for column, value in fixed.items())
        raise NothingToShowError(f"the table {name!r} has no rows with {asked}, so there is nothing to draw")
    return rows


def replicates(*tables: pd.DataFrame) -> tuple[int, int]:
    """Return the smallest and the largest number of replicates behind the rows that are drawn."""
    return min(int(table["n"].min()) for table in tables), max(int(table["n"].max()) for table in tables)


def coverage(*tables: pd.DataFrame) -> str:
    """Return the smallest coverage that the intervals of the rows that are drawn have, in percent."""
    least = min(float(table.loc[table["n"] > 0, "coverage"].min()) for table in tables)
    return wording.percent(least)


def on_grid(rows: pd.DataFrame, grid: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of a table that belong to the points of a grid, with the columns of the grid.

    Raises:
        NothingToShowError: if there is none.
    """
    found = rows.merge(grid, on="point")
    if found.empty:
        raise NothingToShowError("a table has no rows for the points of the main grid, so there is nothing to draw")
    return found
