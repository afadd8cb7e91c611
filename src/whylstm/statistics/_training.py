"""What the statistics of training share: runs beside their experiment and arm, and runs parted by their outcome."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from whylstm.statistics.base import Frames

SETTING = ["experiment", "arm", "trial"]
RUN = ["trial", "replicate"]
LIKE = ["task", "shortest", "longest", "hidden", "sequences", "budget"]
"""What two trials of different arms must share to be compared run by run."""

SOLVED = "solved"
ALL, FAILED = "all", "failed"
DEPENDENCY = 0.75
"""The lag at which a gradient is looked at, as a share of the training length.

Answers are due at the last step. What they depend on lies, in the temporal-order task, at lags of 0.4 to 0.5 and 0.8 to
0.9 of the length, and in the adding task at 0.75 on average for the earlier number. One share serves all tasks.
"""


def named(tables: Frames, table: str) -> pd.DataFrame:
    """Return the rows of a table with experiment and arm, those beyond the replicates that count left out.

    A trial that stands under two names has its rows under both.
    """
    rows = tables["trials"][[*SETTING, "replicates"]].merge(tables[table], on="trial")
    return rows[rows["replicate"] < rows["replicates"]].drop(columns="replicates").reset_index(drop=True)


def endings(tables: Frames) -> pd.DataFrame:
    """Return the table ``runs`` with every run solved that ever met the criterion, at the first update that it did.

    A trial may let its networks train on when they are solved; they then end at the budget and have been solved before.
    """
    met = tables["examinations"][tables["examinations"]["success"].astype(bool)]
    first = met.groupby(RUN)["update"].min().rename("met").reset_index()
    runs = tables["runs"].merge(first, on=RUN, how="left")
    solved = runs["met"].notna()
    update = runs["met"].where(solved, runs["update"]).astype("int64")
    return runs.assign(end=runs["end"].mask(solved, SOLVED), update=update).drop(columns="met")


def by_outcome(rows: pd.DataFrame, runs: pd.DataFrame) -> pd.DataFrame:
    """Return rows of runs three times, with a column ``outcome``: as all, and as solved or failed.

    Args:
        rows: any rows with trial and replicate.
        runs: what :func:`endings` returns: what was not solved has failed, be it censored or diverged.
    """
    ends = rows.merge(runs[[*RUN, "end"]], on=RUN)
    parted = np.where(ends["end"] == SOLVED, SOLVED, FAILED)
    rows = ends.drop(columns="end")
    return pd.concat([rows.assign(outcome=ALL), rows.assign(outcome=parted)], ignore_index=True)


def at_dependency(lags: pd.DataFrame, trials: pd.DataFrame) -> pd.DataFrame:
    """Return of every run and update the one row of ``probe_lags`` that is nearest to the dependency's lag."""
    longest = lags["trial"].map(trials.drop_duplicates("trial").set_index("trial")["longest"]).astype(float)
    away = (lags["lag"] - DEPENDENCY * longest).abs()
    order = lags.assign(away=away).sort_values(["away", "lag"], kind="stable")
    return order.drop_duplicates([*RUN, "update"]).drop(columns="away")


def carry_share(lags: pd.DataFrame) -> np.ndarray:
    """Return log₁₀ ‖G^(0)‖/‖G‖ of rows of ``probe_lags``; missing where G is exactly zero."""
    whole, carry = lags["norm"].to_numpy(), lags["hop_0"].to_numpy()
    with np.errstate(invalid="ignore"):
        return np.where(np.isneginf(whole), np.nan, carry - whole)
