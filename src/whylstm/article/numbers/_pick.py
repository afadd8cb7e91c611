"""How a row of a table becomes a value of the text; which rows are meant says :mod:`whylstm.selection`."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

from whylstm import wording
from whylstm.article.values import Value

if TYPE_CHECKING:
    import pandas as pd

    Row: TypeAlias = pd.Series | Mapping[str, Any]

LOG10 = "log10"
"""The unit of a value that is held as a logarithm, because the number itself may not fit into a float; the text shows
the number."""


def setting(number: float, meaning: str, table: str = "points") -> Value:
    """Return a number that was set, not measured: a gain, a bias, a lag, a size."""
    text = f"{int(number):,}" if number >= 1000 and float(number).is_integer() else wording.number(float(number), 6)
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
