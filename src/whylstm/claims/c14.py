"""C14: recurrence may not be necessary.

The article only wonders, so what is asked is whether something without recurrence does the work: attention, in which
every pair of steps is one step apart. That it *can* do without is shown by doing. On each task and length that some arm
of an experiment learned (surely more often than not, by Wilson's interval), the attention arm beside it either learns
it as surely, or surely does not. Lengths that nothing learned say nothing.

- attention learns all of them (nine in ten decided, three at least): it holds;
- some and not others: it holds under conditions;
- none: refuted.

How far attention and recurrent cells reach back *before* training is measured as well and told beside it. It does not
enter the rule: a gradient that reaches far is not yet a network that has learned. A study that trains no attention
decides nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from whylstm.claims import _training
from whylstm.claims._scale import universal
from whylstm.claims.base import Claim, Measure, Number
from whylstm.wording import listed

if TYPE_CHECKING:
    from whylstm.claims.base import Tables, Verdict

LIKE = ["experiment", "task", "shortest", "longest", "hidden"]


def measure(tables: Tables) -> Measure:
    """Return on how many learnable lengths attention learns, and how far it and recurrence reach before training."""
    found = lengths(tables)
    learnable = found[found["someone"]]
    counted = {
        "n_settings": (len(found), "tasks and lengths on which attention was trained"),
        "n_learned": (len(learnable), "of these, those that some arm surely learns"),
        "n_does": (int(learnable["does"].sum()), "of these, those that attention surely learns"),
        "n_fails": (int(learnable["fails"].sum()), "of these, those that attention surely does not learn"),
        "longest": (int(found["longest"].max()) if len(found) else 0, "longest length on which attention was trained"),
    }
    numbers = {key: Number(value, text, "settings", form="count") for key, (value, text) in counted.items()}
    share = float(learnable["does"].mean()) if len(learnable) else None
    meaning = "share of learnable tasks and lengths that attention surely learns"
    numbers["share_does"] = Number(share, meaning, n=len(learnable), form="percent")
    words = {kind: _names(learnable[learnable[kind]]) for kind in ("does", "fails")}
    return Measure({**numbers, **reach(tables)}, words)


def lengths(tables: Tables) -> pd.DataFrame:
    """Return every length with an attention arm: whether some arm learns it, and whether attention does or fails."""
    rows = _training.successes(tables)
    rows = rows.assign(does=rows["low"] > _training.HALF, fails=rows["high"] < _training.HALF)
    found = rows[rows["cell"] == _training.ATTENTION].sort_values("arm").drop_duplicates(LIKE)
    someone = rows.groupby(LIKE)["does"].any().rename("someone").reset_index()
    return found[[*LIKE, "does", "fails"]].merge(someone, on=LIKE).sort_values(LIKE, ignore_index=True)


def reach(tables: Tables) -> dict[str, Number]:
    """Return what attention and recurrent cells keep of their hold on an input at the largest lag, untrained."""
    rows = tables["attention_reach"]
    last = rows[rows["lag"] == rows["lag"].max()].dropna(subset=["change"]).sort_values("change")
    attention = last["kind"] == _training.ATTENTION
    texts = {
        "reach": (last[attention], "what attention keeps of its hold on an input at the largest lag, before training"),
        "reach_least": (last[~attention].head(1), "the same for the recurrent cell that keeps least"),
        "reach_most": (last[~attention].tail(1), "the same for the recurrent cell that keeps most"),
    }
    found = {key: _kept(one, text) for key, (one, text) in texts.items()}
    lag = int(last["lag"].max()) if len(last) else None
    return {**found, "reach_lag": Number(lag, "largest lag at which this is measured", "steps", form="count")}


def _kept(rows: pd.DataFrame, meaning: str) -> Number:
    if rows.empty:
        return Number(None, meaning, "log10", n=0, form="power")
    row = rows.iloc[0]
    ends = float(row["change"]), meaning, "log10", float(row["change_low"]), float(row["change_high"]), int(row["n"])
    return Number(*ends, form="power")


def _names(rows: pd.DataFrame) -> str:
    return listed([f"{row.task.replace('_', ' ')} at {row.longest:,} steps" for row in rows.itertuples()])


def judge(measure: Measure) -> Verdict:
    """Return the verdict from the lengths that some arm learns."""
    return universal(measure["n_does"], measure["n_fails"], measure["n_learned"])


CLAIM = Claim(
    id="C14",
    place="Section 3, the last sentence",
    paraphrase="Recurrence may not be necessary: attention might do in its place.",
    statistic="Success of trained attention on the tasks and lengths that some arm beside it learns",
    rule=(
        "A length is learned if its runs are solved surely more often than not (whole Wilson interval above one half), "
        "and not learned if surely less often. Of the lengths that some arm learns: attention learns some and not "
        "others: holds under conditions; nine in ten decided and all learned: holds; none: refuted; fewer than three "
        "decided, or else: undecided."
    ),
    conditions=(
        "One layer and one head of attention beside recurrent networks of this study’s sizes, tasks, budgets and "
        "lengths. That something else does the work shows that recurrence is not necessary for it, not that it is "
        "worse: attention keeps all its inputs, and pays for every pair of them."
    ),
    tables=("success", "trials", "attention_reach"),
    number="share_does",
    figure="fig21_attention_against_recurrence",
    measure=measure,
    judge=judge,
    titles={
        "holds": "Attention does without recurrence what recurrence does",
        "holds under conditions": "Attention does some of the work of recurrence",
        "refuted": "Attention does not do the work of recurrence here",
        "undecided": "Whether recurrence is necessary stays open",
    },
    sentences={
        "holds": (
            "Attention surely learns {n_does} of the {n_learned} tasks and lengths that some network beside it learns, "
            "up to {longest} steps. Before training it keeps {reach} of its hold on an input over {reach_lag} steps, "
            "recurrent cells {reach_least} to {reach_most}."
        ),
        "holds under conditions": (
            "Of the {n_learned} tasks and lengths that some network learns, attention learns {n_does}: {does}; and "
            "surely fails on {n_fails}: {fails}."
        ),
        "refuted": (
            "Attention learns none of the {n_learned} tasks and lengths that some network beside it learns, although "
            "before training it keeps {reach} of its hold on an input over {reach_lag} steps."
        ),
        "undecided": (
            "Attention was trained on {n_settings} tasks and lengths; some network learns {n_learned} of them, and "
            "attention {n_does}: not enough to decide. Before training it keeps {reach} of its hold on an input over "
            "{reach_lag} steps, recurrent cells {reach_least} to {reach_most}."
        ),
    },
)
