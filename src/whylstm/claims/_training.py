"""Trained arms as claims see them: what an arm is, and which pairs of arms share their seeds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from whylstm.statistics import _roles
from whylstm.wording import MINUS

if TYPE_CHECKING:
    from whylstm.claims.base import Tables

LSTM, SIMPLE, ATTENTION = _roles.LSTM, _roles.SIMPLE, "attention"
"""Simple are nonlinear recurrent networks without a carry: every path of lag k crosses k matrices."""

TOLD = {"gain": "gain", "rate": "rate"}
"""What tells apart the arms of an experiment, where they differ in it, beside where they start: columns and words."""

HALF = 0.5
"""A length is within an arm's reach if it surely solves it more often than not, and beyond if surely less often."""


def successes(tables: Tables) -> pd.DataFrame:
    """Return the rates of every trial beside its cell, lengths and task; runs with a cut gradient are left out.

    A network that is trained by another gradient than its own is an intervention, not the network that is spoken of.
    """
    fields = tables["trials"].rename(columns={"rate": "learning_rate"})
    fields = fields[["experiment", "arm", "trial", "shortest", "longest", *_roles.CONTENT]]
    rows = tables["success"].merge(fields, on=["experiment", "arm", "trial"])
    return rows[rows["detach"] == 0].reset_index(drop=True)


def words(tables: Tables) -> dict[tuple[str, str], str]:
    """Return every LSTM arm by (experiment, arm) in words: its forget bias or initialisation, and its task.

    Gain and learning rate are told where the LSTM arms of an experiment differ in them.
    """
    arms = tables["trials"].drop_duplicates(["experiment", "arm"])
    arms = arms[arms["cell"] == LSTM]
    differ = arms.groupby("experiment")[list(TOLD)].transform("nunique") > 1
    found = {}
    for several, arm in zip(differ.to_dict("records"), arms.to_dict("records"), strict=True):
        start = arm["initialisation"] if pd.isna(arm["forget_bias"]) else f"forget bias {arm['forget_bias']:g}"
        more = "".join(f", {word} {arm[name]:g}" for name, word in TOLD.items() if several[name])
        found[arm["experiment"], arm["arm"]] = f"{start}{more} ({arm['task'].replace('_', ' ')})".replace("-", MINUS)
    return found


def longest(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the longest trial of every arm that was trained at two lengths or more, each of one fixed length.

    A reach is seen only where the length grows. Arms of two experiments that are the same in all but their names and
    lengths are one arm.
    """
    rows = rows[rows["shortest"] == rows["longest"]]
    rows = rows.assign(same=_roles.content(rows))
    grown = rows[rows.groupby("same")["longest"].transform("nunique") > 1]
    return grown.sort_values(["longest", "experiment", "arm"]).drop_duplicates("same", keep="last")


def pairs(tables: Tables) -> pd.DataFrame:
    """Return every pair of arms twice, either being ``arm`` once: its ``more`` and ``less`` discordant runs, and p."""
    table = tables["arm_pairs"]
    there = table.rename(columns={"first": "other", "second": "arm", "second_only": "more", "first_only": "less"})
    back = table.rename(columns={"first": "arm", "second": "other", "first_only": "more", "second_only": "less"})
    rates = {"second_rate": "rate", "first_rate": "other_rate"}, {"first_rate": "rate", "second_rate": "other_rate"}
    columns = ["experiment", "arm", "other", "more", "less", "rate", "other_rate", "lengths", "n", "p"]
    return pd.concat(
        [one.rename(columns=names)[columns] for one, names in zip((there, back), rates, strict=True)], ignore_index=True
    )
