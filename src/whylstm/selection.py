"""Which rows of the tables the figures and the text speak of: the main grid, and in it the nearest setting.

The main grid is driven by noise, with Gaussian weights, at the input scale nearest to 1, and at the options, length,
lags and size that most of its points have (the largest of equally frequent ones), so that a single larger network does
not stand for a whole grid. Its points differ in gain and forget bias only. In it the setting nearest to gain 1 and
forget bias 1 stands for a cell. The same rule picks in figures and text, and works on any grid: what is named is read
from the point that was found.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from whylstm import wording

if TYPE_CHECKING:
    import pandas as pd

MAIN_GAIN, MAIN_FORGET_BIAS, MAIN_INPUT_SCALE = 1.0, 1.0, 1.0
MAIN = {"task": "noise", "initialisation": "gaussian"}
TINY = 1e-9  # stands for 0 where only a ratio is asked for


def grid(points: pd.DataFrame, cell: str) -> pd.DataFrame:
    """Return the points of a cell on the main grid, one for each gain and forget bias; maybe none."""
    rows = points[points["cell"] == cell]
    for column, wanted in MAIN.items():
        rows = rows[rows[column] == wanted]
    if rows.empty:
        return rows
    if rows["input_scale"].notna().any():
        rows = rows[rows["input_scale"] == nearest(rows["input_scale"], MAIN_INPUT_SCALE)]
    for column in ("options", "length", "lags", "hidden"):
        counts = rows[column].value_counts()
        rows = rows[rows[column] == max(counts[counts == counts.max()].index)]
    return rows.drop_duplicates(["gain", "forget_bias"])


def point(points: pd.DataFrame, cell: str, gain: float = MAIN_GAIN, bias: float = MAIN_FORGET_BIAS) -> pd.DataFrame:
    """Return the point of a cell's main grid nearest to a gain and a forget bias, as a frame of one row or none.

    A cell that reads no gain, or no forget bias, ignores it.
    """
    rows = grid(points, cell)
    if rows["gain"].notna().any():
        rows = rows[rows["gain"] == nearest_gain(rows["gain"], gain)]
    if rows["forget_bias"].notna().any():
        rows = rows[rows["forget_bias"] == nearest(rows["forget_bias"], bias)]
    return rows.head(1)


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


def rows_of(table: pd.DataFrame, **fixed: object) -> pd.DataFrame:
    """Return the rows of a table in which these columns have these values; maybe none."""
    for column, value in fixed.items():
        table = table[table[column] == value]
    return table


def setting(point: pd.Series) -> str:
    """Return a point's gain and forget bias in words; what its cell does not read is left out."""
    named = {"gain": point["gain"], "forget bias": point["forget_bias"]}
    return ", ".join(f"{name} {wording.number(value)}" for name, value in named.items() if value == value)
