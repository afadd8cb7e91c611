"""What a seed achieves with an arm, over all lengths at which two arms or more can be compared."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from whylstm.statistics._training import LIKE, SOLVED, endings, named

if TYPE_CHECKING:
    from whylstm.statistics.base import Frames

SEED = [*LIKE, "replicate"]


def runs(tables: Frames) -> pd.DataFrame:
    """Return every run with what its trial is, and two scores: ``solved`` (0 or 1) and ``spent``.

    ``spent`` is minus the updates until it was solved, with the budget for a run that was not.
    """
    fields = tables["trials"].drop(columns=["replicates", "experiment", "arm"]).drop_duplicates("trial")
    rows = named({**tables, "runs": endings(tables)}, "runs").merge(fields, on="trial")
    solved = rows["end"] == SOLVED
    return rows.assign(solved=solved.astype(float), spent=-rows["update"].where(solved, rows["budget"]).astype(float))


def table(rows: pd.DataFrame, score: str) -> pd.DataFrame:
    """Return a score of the runs of one experiment: seeds at each length and size by arms, missing where none is."""
    return rows.pivot_table(index=SEED, columns="arm", values=score, aggfunc="first")


def shared(scores: pd.DataFrame, arms: list[str]) -> pd.DataFrame:
    """Return the rows of :func:`table` that all these arms have, for the replicates that have them at every length."""
    whole = scores[arms].dropna()
    replicate = whole.index.get_level_values("replicate")
    counts = replicate.value_counts()
    return whole[replicate.isin(counts.index[counts == counts.max()])]


def over_lengths(whole: pd.DataFrame) -> pd.DataFrame:
    """Return the sums over lengths and sizes of what :func:`shared` returned: replicates by arms."""
    return whole.groupby(level="replicate").sum()


def lengths(whole: pd.DataFrame) -> int:
    """Return at how many lengths (and sizes) the arms of :func:`shared` were trained."""
    return len(whole.index.droplevel("replicate").unique())
