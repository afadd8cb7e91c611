"""The rule: when two numbers of two runs agree.

On one machine with one lock file a run repeats itself byte for byte, and a comparison finds everything identical.
Elsewhere (another processor, another version of a library) sums are rounded in another order: relative 1e-15 a step.
What becomes of that is decided by the network, so the rule asks what kind of row a number stands in:

*Regular rows.* Where λ₁ ≤ 0 a perturbation does not grow. Hundreds of steps add up some hundred roundings, about
1e-13; ``RTOL`` = 1e-9 leaves four decades, and is still far below any interval of the study. A logarithm is held
absolutely where it is small: 1e-9 in log10 or nats is about relative 1e-9 in what it is the logarithm of. Other numbers
may also differ by ``ATOL``, since a number that is 0 but for rounding (a difference of near equals of order one) has no
digits to hold.

*Chaotic rows.* Where λ₁ > 0 a perturbation of 1e-15 grows by e^λ₁ a step; at gain 8 it moves a log norm by a decade at
lag 200. Two runs are then two draws of one distribution. Their medians agree if each lies within the other's interval;
an estimate with a standard error agrees if they are within ``ERRORS`` of the two errors together; rows of single
replicates agree if the median over the replicates of each run lies within the range of the other's. What has none of
these, such as a step of one trajectory, is *free*: nothing can be asked of it. Free rows are counted and said, not
passed over. Networks that were trained are chaotic rows always: an update passes a perturbation on to the next.

*Rounding errors* themselves (an equation's error of 1e-16) have no digits that mean anything; they agree where both are
below 1e-12.

*Values and claims* are made from rows of both kinds: medians may use their intervals, everything else is regular.

*Words.* Text is held letter by letter, but for the numbers that it spells, where the numbers themselves are held beside
it (sentences of claims, texts of values, captions). Verdicts are held as they are.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    import pandas as pd

RTOL = 1e-9
ATOL = 1e-12
ERRORS = 4.0
"""Standard errors: 1 in 16,000 normal estimates is that far off, and a run holds some hundred of them."""

ROUNDING = {("identities", "log10_error"): -12.0}
"""(table, column) of errors that are rounding where the equation is right, and the log10 below which they are that."""

LOGARITHMS = ("log10", "nats")
"""Units that start so are logarithms."""

SPELT = {
    "claims": ("title", "sentence", "meaning", "conditions"),
    "claim numbers": ("text", "span", "meaning"),
    "values": ("text", "span", "meaning"),
}
"""Table → the text columns that spell numbers which stand beside them."""

NUMBER = re.compile(r"[-+−]?[0-9][0-9.,]*(?:e[-+]?[0-9]+)?|[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+")


def close(a: np.ndarray, b: np.ndarray, unit: str) -> np.ndarray:
    """Return where two float64 arrays agree as regular rows do; missing agrees with missing, inf with the same inf."""
    import numpy as np

    floor = RTOL if unit.startswith(LOGARITHMS) else ATOL
    with np.errstate(invalid="ignore"):
        near = np.abs(a - b) <= np.maximum(RTOL * np.maximum(np.abs(a), np.abs(b)), floor)
    finite = np.isfinite(a) & np.isfinite(b)
    return (finite & near) | same(a, b)


def same(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return where two float64 arrays hold the same value, a missing one being the same as a missing one."""
    import numpy as np

    return (a == b) | (np.isnan(a) & np.isnan(b))


def interval(column: str, columns: list[str]) -> tuple[str, str] | None:
    """Return the columns with the interval of a column's estimate, or None where it has none."""
    if f"{column}_low" in columns and f"{column}_high" in columns:
        return f"{column}_low", f"{column}_high"
    centre = next((name for name in ("median", "value", "gain") if name in columns), None)
    return ("low", "high") if column == centre and {"low", "high"} <= set(columns) else None


def is_end(column: str, columns: list[str]) -> bool:
    """Return whether a column is an end of another's interval, which is held through its centre."""
    return any(column in (interval(name, columns) or ()) for name in columns)


def within(a: pd.DataFrame, b: pd.DataFrame, column: str, key: Sequence[str]) -> np.ndarray | None:
    """Return where a column's estimates agree as chaotic rows do, or None if the column is free.

    Args:
        a: rows of the first run.
        b: the rows of the second with the same keys, in the same order.
        column: the estimate's name.
        key: the columns of the table's key.
    """
    if ends := interval(column, list(a.columns)):
        low, high = ends
        return _inside(a[column], b[low], b[high]) & _inside(b[column], a[low], a[high])
    if column == "value" and "error" in a and "error" in b:
        return _within_errors(a, b)
    if "replicate" in key:
        group = [name for name in key if name != "replicate"]
        x, y = (_over_replicates(frame, column, group) for frame in (a, b))
        return _inside(x["median"], y["min"], y["max"]) & _inside(y["median"], x["min"], x["max"])
    return None


def _within_errors(a: pd.DataFrame, b: pd.DataFrame) -> np.ndarray:
    import numpy as np

    x, y, of_x, of_y = (frame[name].to_numpy(float) for name in ("value", "error") for frame in (a, b))
    with np.errstate(invalid="ignore"):
        return np.abs(x - y) <= ERRORS * np.hypot(of_x, of_y)


def _over_replicates(frame: pd.DataFrame, column: str, group: list[str]) -> dict[str, pd.Series]:
    """Return median, min and max over the replicates that a row stands among, for every row."""
    values = frame[column].astype(float)
    rows = values.groupby([frame[name] for name in group], dropna=False) if group else values.groupby(values * 0)
    return {name: rows.transform(name) for name in ("median", "min", "max")}


def rounding(table: str, column: str, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return where both numbers are errors of rounding."""
    limit = ROUNDING.get((table, column), float("-inf"))
    return (a <= limit) & (b <= limit)


def words(text: str) -> str:
    """Return a text without the numbers that it spells.

    >>> words("2.0 × 10⁻¹⁶ in 3 cells") == words("1.7 × 10⁻¹⁵ in 12 cells")
    True
    """
    return NUMBER.sub("#", text)


def _inside(x: pd.Series, low: pd.Series, high: pd.Series) -> np.ndarray:
    return (x.to_numpy(float) >= low.to_numpy(float)) & (x.to_numpy(float) <= high.to_numpy(float))
