"""Rows of an experiment, one per replicate and setting, reduced to medians over replicates with their intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from whylstm.statistics import _frames, _median

if TYPE_CHECKING:
    Columns = Mapping[str, str]


def over_replicates(rows: pd.DataFrame, key: Sequence[str], values: Columns) -> pd.DataFrame:
    """Return one row per setting with the median over replicates of some columns.

    Args:
        rows: one row per setting and ``replicate``; a setting may lack replicates.
        key: the columns that name a setting; a missing value is a setting of its own.
        values: the columns that are reduced, each with the name that its median gets; its interval gets the same name
            with ``_low`` and ``_high`` (the name ``median`` gets plain ``low`` and ``high``).

    Returns:
        The key, the medians with their intervals, and ``n`` and ``coverage`` of the first column.
    """
    if rows.empty:
        return pd.DataFrame()
    groups = rows.groupby(list(key), sort=True, dropna=False)
    settings = groups.size().index.to_frame(index=False)
    place = (pd.factorize(rows["replicate"], sort=True)[0], groups.ngroup().to_numpy())
    found = {column: _median.summary(_spread(rows[column], place)) for column in values}
    first = next(iter(found.values()))
    medians = [_named(found[column], name) for column, name in values.items()]
    counts = {"n": first["n"], "coverage": first["coverage"]}
    return settings.assign(**{name: numbers for one in medians for name, numbers in one.items()}, **counts)


def _spread(column: pd.Series, place: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    """Return the values by replicate and setting, NaN where there is none."""
    values = np.full((place[0].max() + 1, place[1].max() + 1), np.nan)
    values[place] = column.to_numpy()
    return values


def _named(found: dict[str, np.ndarray], name: str) -> dict[str, np.ndarray]:
    if name == "median":
        return {end: found[end] for end in ("median", "low", "high")}
    return _frames.renamed(found, name)
