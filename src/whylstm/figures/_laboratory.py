"""What the figures of the laboratory share: settings of cell and forget bias, in words and as rows of a table."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from whylstm import labels, wording
from whylstm.errors import NothingToShowError
from whylstm.figures import _choose, style

if TYPE_CHECKING:
    import pandas as pd

    Setting = tuple[str, float]

ORDER = list(labels.CELLS)


def settings(table: pd.DataFrame, column: str = "cell") -> list[Setting]:
    """Return every cell of a table with its forget biases (NaN for none): by bias, then in the order of labels."""
    pairs = table[[column, "forget_bias"]].drop_duplicates().itertuples(index=False, name=None)
    return sorted(((str(cell), float(bias)) for cell, bias in pairs), key=_place)


def _place(setting: Setting) -> tuple[int, float, str]:
    cell, bias = setting
    return ORDER.index(cell) if cell in ORDER else len(ORDER), -1e9 if math.isnan(bias) else bias, cell


def words(setting: Setting) -> str:
    """Return a cell and its forget bias in words.

    >>> words(("lstm", 4.0)), words(("tanh", float("nan")))
    ('LSTM, bias 4', 'tanh RNN')
    """
    cell, bias = setting
    return style.cell(cell).label + ("" if math.isnan(bias) else f", bias {wording.number(bias)}")


def rows_of(table: pd.DataFrame, name: str, setting: Setting, column: str = "cell", **fixed: object) -> pd.DataFrame:
    """Return the rows of one cell and forget bias in which the other columns have these values.

    Raises:
        NothingToShowError: if there is none, naming table and values.
    """
    cell, bias = setting
    rows = table[table[column] == cell]
    rows = rows[rows["forget_bias"].isna() if math.isnan(bias) else rows["forget_bias"] == bias]
    return _choose.rows_of(rows, name, **fixed)


def some(chosen: list[Setting], name: str, what: str) -> list[Setting]:
    """Return settings that were found.

    Raises:
        NothingToShowError: if there is none, naming the table and what was looked for.
    """
    if not chosen:
        raise NothingToShowError(f"the table {name!r} has no rows of {what}, so there is nothing to draw")
    return chosen
