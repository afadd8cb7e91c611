"""Section 3: what hangs on the rate of learning, and on the task."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from whylstm import wording
from whylstm.article.numbers import _pick, training
from whylstm.article.values import Numbers, Value
from whylstm.statistics import _roles

if TYPE_CHECKING:
    import pandas as pd

    Tables = Mapping[str, pd.DataFrame]


def make(tables: Tables, claims: Mapping[str, dict[str, Any]]) -> dict[str, Value]:
    """Return who solves how much at its best and at its worst rate, and who leads on the other tasks."""
    if tables["success"].empty:
        return {}
    rows = _roles.rates(tables)
    return {**rates(_roles.tuned(rows)), **others(_roles.other_tasks(rows))}


def rates(rows: pd.DataFrame) -> dict[str, Value]:
    """Return the best and the worst rate of the LSTM with the smallest forget bias, and the simple network's best."""
    memory, simple = _roles.of(rows, cell=_roles.LSTM), rows[rows["cell"].isin(_roles.SIMPLE)]
    memory = memory[memory["forget_bias"] == memory["forget_bias"].min()]
    if memory.empty or simple.empty:
        return {}
    tried = sorted(rows["learning_rate"].unique())
    ends = wording.between(*(wording.number(rate, 4) for rate in (tried[0], tried[-1])))
    best, worst = (_ranked(memory, ascending) for ascending in (False, True))
    return {
        "tuning.length": _pick.setting(rows["longest"].max(), "length at which rates of learning were tried", "trials"),
        "tuning.tried": _pick.tally(len(tried), "rates of learning that were tried", "trials"),
        "tuning.rates": _pick.words(ends, "these rates, smallest to largest", "trials"),
        "tuning.bias": _pick.setting(float(best["forget_bias"]), "smallest forget bias of an LSTM there", "trials"),
        "tuning.best_rate": _pick.setting(float(best["learning_rate"]), "the rate at which it solves most", "trials"),
        "tuning.worst_rate": _pick.setting(
            float(worst["learning_rate"]), "the rate at which it solves least", "trials"
        ),
        "tuning.best": training.rate(best, "runs that this LSTM solves at its best rate"),
        "tuning.worst": training.rate(worst, "runs that this LSTM solves at its worst rate"),
        "tuning.simple": training.rate(_ranked(simple, False), "runs that the simple network solves at its best rate"),
    }


def _ranked(rows: pd.DataFrame, ascending: bool) -> pd.Series:
    return rows.sort_values(["rate", "learning_rate"], ascending=[ascending, True]).iloc[0]


def others(pairs: pd.DataFrame) -> dict[str, Value]:
    """Return on how many of the tasks that were asked at one length the LSTM leads, and on how many it does not."""
    if pairs.empty:
        return {}
    more, less, neither = _roles.leads(pairs)
    budgets = wording.between(*(wording.count(pairs["budget"].agg(end)) for end in ("min", "max")))
    return {
        "tuning.tasks": _pick.tally(pairs["task"].nunique(), "tasks that were asked at one length", "success"),
        "tuning.more": _pick.tally(more, "of these, tasks on which the LSTM surely solves more runs", "success"),
        "tuning.less": _pick.tally(less, "of these, tasks on which the simple network surely does", "success"),
        "tuning.neither": _pick.tally(neither, "of these, tasks of which neither solves a run", "success"),
        "tuning.budgets": _pick.words(
            budgets, "updates that networks had for these tasks, smallest to largest", "trials"
        ),
    }


NUMBERS = Numbers(("trials", "success"), make)
