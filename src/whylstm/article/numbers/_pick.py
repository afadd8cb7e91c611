"""Which rows of the tables the text speaks of, and how a row becomes a value.

The text speaks of the main grid: noise as input, Gaussian weights, the longest sequence, the largest network; in it of
the setting nearest to gain 1 and forget bias 1. Every rule here works on any grid, and says what it found: the gain and
the bias that the text names are read from the point, not from here.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

from whylstm.article import wording
from whylstm.article.values import Value

if TYPE_CHECKING:
    import pandas as pd

    Row: TypeAlias = pd.Series | Mapping[str, Any]

MAIN_GAIN, MAIN_FORGET_BIAS, MAIN_INPUT_SCALE = 1.0, 1.0, 1.0
LOG10 = "log10"
"""The unit of a value that is held as a logarithm, because the number itself may not fit into a float; the text shows
the number."""


def grid(points: pd.DataFrame, cell: str) -> pd.DataFrame:
    """Return the points of a cell on the main grid, which differ in gain and forget bias only; maybe none."""
    rows = points[(points["cell"] == cell) & (points["task"] == "noise") & (points["initialisation"] == "gaussian")]
    for column in ("length", "hidden"):
        rows = rows[rows[column] == rows[column].max()]
    if rows["input_scale"].notna().any():
        rows = rows[rows["input_scale"] == nearest(rows["input_scale"], MAIN_INPUT_SCALE)]
    return rows


def main(points: pd.DataFrame, cell: str, gain: float = MAIN_GAIN, bias: float = MAIN_FORGET_BIAS) -> pd.DataFrame:
    """Return the one point of the main grid nearest to a gain and a forget bias, as a frame of one row or none."""
    rows = grid(points, cell)
    for column, wanted in (("gain", gain), ("forget_bias", bias)):
        if rows[column].notna().any():
            rows = rows[rows[column] == nearest(rows[column], wanted)]
    return rows.head(1)


def nearest(values: pd.Series, wanted: float) -> float:
    """Return the value nearest to the wanted one, the smaller of two that are equally near."""
    return min(sorted(values.dropna().unique()), key=lambda value: abs(value - wanted))


def rows_of(table: pd.DataFrame, **fixed: object) -> pd.DataFrame:
    """Return the rows in which these columns have these values."""
    for column, value in fixed.items():
        table = table[table[column] == value]
    return table


def setting(number: float, meaning: str, table: str = "points") -> Value:
    """Return a number that was set, not measured: a gain, a bias, a lag, a size."""
    text = f"{int(number):,}" if number >= 1000 and float(number).is_integer() else wording.plain(float(number), 6)
    return Value(float(number), text, meaning, table)


def words(text: str, meaning: str, table: str) -> Value:
    """Return a piece of text that was read from a table, such as a list of sizes."""
    return Value(None, text, meaning, table)


def estimate(row: Row, column: str, meaning: str, table: str, digits: int = 3) -> Value:
    """Return a plain number from a row with this column, ``low``, ``high`` (which may be missing) and ``n``."""
    value, low, high = (float(row[name]) for name in (column, "low", "high"))
    text = wording.significant(value, digits)
    ends = [wording.significant(end, digits) if math.isfinite(end) else "beyond the grid" for end in (low, high)]
    return Value(value, text, meaning, table, "", low, high, int(row["n"]), wording.between(*ends))


def tally(number: int, meaning: str, table: str) -> Value:
    """Return a count of settings."""
    return Value(float(number), wording.count(number), meaning, table)


def solved(part: float, n: int, meaning: str, table: str) -> Value:
    """Return a share of runs, pooled over lengths: it has no interval, since runs of one seed are not independent."""
    return Value(part, wording.percent(part), meaning, table, n=n)


def chance(p: float, meaning: str, table: str, n: int | None = None) -> Value:
    """Return the p of a test."""
    return Value(float(p), wording.significant(float(p), 2), meaning, table, n=n)


def norm(row: Row, meaning: str, table: str) -> Value:
    """Return a norm or a ratio of norms from a row with ``median``, ``low``, ``high`` (log₁₀) and ``n``."""
    return _measured(row, ("median", "low", "high"), wording.power_of_ten, meaning, table, LOG10)


def share(row: Row, meaning: str, table: str) -> Value:
    """Return a ratio of norms (log₁₀ in the row) as a percentage."""
    return _measured(row, ("median", "low", "high"), _percent, meaning, table, LOG10)


def rate(row: Row, columns: tuple[str, str, str], meaning: str, table: str) -> Value:
    """Return a growth rate in nats per step, with the columns of median, low and high given."""
    return _measured(row, columns, lambda number: wording.significant(number, 2), meaning, table, "nats per step")


def _measured(
    row: Row, columns: tuple[str, str, str], shown: Callable[[float], str], meaning: str, table: str, unit: str
) -> Value:
    value, low, high = (float(row[column]) for column in columns)
    span = wording.between(shown(low), shown(high))
    return Value(value, shown(value), meaning, table, unit, low, high, int(row["n"]), span)


def _percent(log10: float) -> str:
    """Return a share as a percentage, also one far below what a percentage is good for."""
    if log10 == -math.inf:
        return "none"
    return wording.percent(10**log10) if log10 > -4 else wording.power_of_ten(log10)
