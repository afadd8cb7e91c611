"""What the sections on the laboratory share: rows of one cell and forget bias, and columns as an estimate is read."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd


def of(table: pd.DataFrame, cell: str, bias: float = math.nan, column: str = "cell") -> pd.DataFrame:
    """Return the rows of one cell at one forget bias, NaN for a cell without one; maybe none."""
    rows = table[table[column] == cell]
    return rows[rows["forget_bias"].isna() if math.isnan(bias) else rows["forget_bias"] == bias]


def biases(table: pd.DataFrame, cell: str, column: str = "cell") -> dict[str, float]:
    """Return the smallest forget bias of a cell as ``low`` and the largest as ``high``; none if it has not two."""
    found = sorted(table.loc[table[column] == cell, "forget_bias"].dropna().unique())
    return {"low": float(found[0]), "high": float(found[-1])} if len(found) > 1 else {}


def estimate(row: pd.Series, name: str) -> pd.Series:
    """Return a row in which ``median``, ``low`` and ``high`` are those of the column called ``name``."""
    return row.drop(["median", "low", "high"], errors="ignore").rename(
        {name: "median", f"{name}_low": "low", f"{name}_high": "high"}
    )
