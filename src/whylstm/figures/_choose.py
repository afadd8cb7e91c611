"""Which settings of the grid a figure shows: the main ones where the study has them, else the nearest.

Points are compared at one input process, initialisation, input scale, length and hidden size, so that a line or a map
varies one thing at a time. The same rule picks them in every figure, and works on any grid.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from whylstm.errors import StudyError
from whylstm.figures._text import number

if TYPE_CHECKING:
    import pandas as pd

MAIN_GAIN, MAIN_FORGET_BIAS, MAIN_INPUT_SCALE = 1.0, 1.0, 1.0
TINY = 1e-9  # stands for 0 where only a ratio is asked for
MAIN = {"task": "noise", "initialisation": "gaussian"}


def grid(points: pd.DataFrame, cell: str) -> pd.DataFrame:
    """Return the points of a cell that differ in gain and forget bias only: noise, Gaussian weights, largest network.

    Raises:
        StudyError: if the study has no such point.
    """
    rows = points[points["cell"] == cell]
    for column, wanted in MAIN.items():
        rows = rows[rows[column] == wanted]
    if rows.empty:
        have = ", ".join(sorted(points["cell"].unique())) or "none"
        raise StudyError(f"a figure needs the cell {cell!r} with Gaussian weights driven by noise; cells there: {have}")
    if rows["input_scale"].notna().any():
        rows = rows[rows["input_scale"] == nearest(rows["input_scale"], MAIN_INPUT_SCALE)]
    for column in ("options", "length", "lags", "hidden"):
        counts = rows[column].value_counts()
        rows = rows[rows[column] == max(counts[counts == counts.max()].index)]
    return rows.drop_duplicates(["gain", "forget_bias"])


def point(points: pd.DataFrame, cell: str, gain: float = MAIN_GAIN, bias: float = MAIN_FORGET_BIAS) -> pd.Series:
    """Return the point of a cell's grid that is nearest to a gain and a forget bias; cells that read none ignore it.

    Raises:
        StudyError: if the study has no point of this cell.
    """
    rows = grid(points, cell)
    if rows["gain"].notna().any():
        rows = rows[rows["gain"] == nearest_gain(rows["gain"], gain)]
    if rows["forget_bias"].notna().any():
        rows = rows[rows["forget_bias"] == nearest(rows["forget_bias"], bias)]
    return rows.iloc[0]


def cells(points: pd.DataFrame, wanted: tuple[str, ...]) -> list[str]:
    """Return those of the wanted cells that the study has on its main grid, in the wanted order."""
    rows = points
    for column, value in MAIN.items():
        rows = rows[rows[column] == value]
    return [cell for cell in wanted if cell in set(rows["cell"])]


def nearest(values: pd.Series, wanted: float) -> float:
    """Return the value nearest to the wanted one, the smaller of two equally near."""
    known = sorted(values.dropna().unique())
    return float(min(known, key=lambda value: (abs(value - wanted), value)))


def nearest_gain(values: pd.Series, wanted: float) -> float:
    """Return the gain nearest to the wanted one, measured by their ratio, the smaller of two equally near."""
    known = sorted(values.dropna().unique())
    return float(min(known, key=lambda value: (abs(math.log(max(value, TINY) / max(wanted, TINY))), value)))


def rows_of(table: pd.DataFrame, name: str, **fixed: object) -> pd.DataFrame:
    """Return the rows of a table in which these columns have these values.

    Raises:
        StudyError: if there is none, naming table and values.
    """
    rows = table
    for column, value in fixed.items():
        rows = rows[rows[column] == value]
    if rows.empty:
        asked = ", ".join(f"{column} {value}" for column, value in fixed.items())
        raise StudyError(f"the table {name!r} has no rows with {asked}, so there is nothing to draw")
    return rows


def replicates(*tables: pd.DataFrame) -> tuple[int, int]:
    """Return the smallest and the largest number of replicates behind the rows that are drawn."""
    return min(int(table["n"].min()) for table in tables), max(int(table["n"].max()) for table in tables)


def coverage(*tables: pd.DataFrame) -> str:
    """Return the smallest coverage that the intervals of the rows that are drawn have, in percent."""
    least = min(float(table.loc[table["n"] > 0, "coverage"].min()) for table in tables)
    return f"{round(100 * least)}%"


def setting(point: pd.Series) -> str:
    """Return a point's gain and forget bias in words; what its cell does not read is left out."""
    named = {"gain": point["gain"], "forget bias": point["forget_bias"]}
    return ", ".join(f"{name} {number(value)}" for name, value in named.items() if value == value)


def on_grid(rows: pd.DataFrame, grid: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of a table that belong to the points of a grid, with the columns of the grid.

    Raises:
        StudyError: if there is none.
    """
    found = rows.merge(grid, on="point")
    if found.empty:
        raise StudyError("a table has no rows for the points of the main grid, so there is nothing to draw")
    return found
