"""Section 3: what was trained, and who learned how far."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from whylstm import wording
from whylstm.article.numbers import _pick
from whylstm.article.values import Numbers, Value
from whylstm.statistics import _roles

if TYPE_CHECKING:
    import pandas as pd

    Tables = Mapping[str, pd.DataFrame]


def make(tables: Tables, claims: Mapping[str, dict[str, Any]]) -> dict[str, Value]:
    """Return the size of the training study, its rates of success, and Pascanu's order; nothing if nothing trained."""
    if tables["success"].empty:
        return {}
    rows = _roles.rates(tables)
    clipping = _roles.clipped_experiment(rows)
    return {
        **size(tables),
        **ladder(_roles.of(rows, experiment=clipping), tables["arm_trend"]),
        **rivals(_roles.whole(rows, _roles.cells_experiment(rows, [clipping]))),
    }


def size(tables: Tables) -> dict[str, Value]:
    """Return how many networks were trained, on what, and how their runs ended."""
    trials = tables["trials"].drop_duplicates("trial")
    success = tables["success"].sort_values("n").drop_duplicates("trial", keep="last")  # of two experiments, the larger
    budgets, seeds = trials["budget"], tables["trials"]["replicates"]
    tasks = sorted({str(task).replace("_", " ") for task in trials["task"]})
    return {
        "training.networks": _pick.tally(int(success["n"].sum()), "networks that were trained", "success"),
        "training.tasks": _pick.words(wording.listed(tasks), "tasks that networks were trained on", "trials"),
        "training.hidden": _pick.words(_several(trials["hidden"]), "hidden units of the trained networks", "trials"),
        "training.lengths": _span(trials["longest"], "training lengths, in steps"),
        "training.budgets": _span(budgets, "updates after which an unsolved run ended"),
        "training.seeds": _span(seeds, "seeds in each arm, the same in all arms of an experiment"),
        "training.solved": _pick.tally(int(success["solved"].sum()), "runs that were solved", "success"),
        "training.censored": _pick.tally(int(success["censored"].sum()), "runs that the budget ended", "success"),
        "training.diverged": _pick.tally(int(success["diverged"].sum()), "runs that diverged", "success"),
    }


def _several(column: pd.Series) -> str:
    return wording.listed([wording.count(value) for value in sorted(column.unique())])


def _span(column: pd.Series, meaning: str) -> Value:
    ends = (wording.count(column.min()), wording.count(column.max()))
    return _pick.words(wording.between(*ends), f"{meaning}, smallest to largest", "trials")


def ladder(rows: pd.DataFrame, trends: pd.DataFrame) -> dict[str, Value]:
    """Return what plain, clipped and regularised networks solve over all lengths, and the test of their order."""
    tests = trends[trends["experiment"].isin(rows["experiment"])]
    if tests.empty:
        return {}
    row = tests[tests["ranked"] == "lengths"].iloc[0]
    found = {}
    for key, arm in zip(("plain", "clipped", "regularised"), str(row["order"]).split(" < "), strict=True):
        own = _roles.of(rows, arm=arm)
        share = float(own["solved"].sum() / own["n"].sum())
        meaning = f"share of runs that were solved over {len(own)} lengths: simple networks, {key}"
        found[f"training.{key}"] = _pick.solved(share, int(own["n"].sum()), meaning, "success")
    lengths = [wording.count(length) for length in sorted(rows["longest"].unique())]
    return found | {
        "training.ladder_lengths": _pick.words(wording.listed(lengths), "lengths of these sequences", "trials"),
        "training.ladder_budget": _pick.setting(rows["budget"].max(), "updates that these networks had", "trials"),
        "training.ladder_seeds": _pick.tally(int(row["n"]), "seeds in each of these arms", "arm_trend"),
        "training.trend_p": _pick.chance(
            row["p"], "one-sided exact p for the order plain, clipped, regularised (Page)", "arm_trend"
        ),
        "training.trend_against": _pick.chance(
            row["p_against"], "one-sided exact p for the opposite order", "arm_trend"
        ),
    }


def rivals(rows: pd.DataFrame) -> dict[str, Value]:
    """Return the best LSTM and the best simple network where they lie furthest apart, and at the longest length."""
    kinds = {"lstm": _roles.of(rows, cell=_roles.LSTM), "simple": rows[rows["cell"].isin(_roles.SIMPLE)]}
    shared = sorted(set(kinds["lstm"]["longest"]) & set(kinds["simple"]["longest"]))
    if not shared:
        return {}
    best = {key: own.groupby("longest")["rate"].max() for key, own in kinds.items()}
    apart = max(reversed(shared), key=lambda length: abs(best["lstm"][length] - best["simple"][length]))
    found = {
        "training.apart": _pick.setting(
            apart, "length at which the best LSTM and simple network differ most", "trials"
        ),
        "training.longest": _pick.setting(shared[-1], "longest length of the experiment with most cells", "trials"),
    }
    for at, length in (("", apart), ("_longest", shared[-1])):
        for key, own in kinds.items():
            row = own[own["longest"] == length].sort_values(["rate", "arm"], ascending=[False, True]).iloc[0]
            found[f"training.{key}{at}"] = rate(row, f"runs solved at {length} steps by the best {key} arm")
    end = kinds["lstm"]["longest"].max()
    if end > shared[-1]:
        row = _roles.of(kinds["lstm"], longest=end).sort_values(["rate", "arm"], ascending=[False, True]).iloc[0]
        found["training.end"] = _pick.setting(end, "longest length that some of these arms were trained at", "trials")
        found["training.lstm_end"] = rate(row, f"runs solved at {end} steps by the best lstm arm")
    return found | least(rows, shared[-1])


def least(rows: pd.DataFrame, length: int) -> dict[str, Value]:
    """Return how many arms solve at least half of their runs at the longest length, and sequences until they do."""
    own = rows[rows["longest"] == length]
    fast = own[own["updates"] < math.inf].sort_values(["updates", "arm"])
    found = {
        "training.arms": _pick.tally(len(own), "arms of that experiment", "success"),
        "training.half": _pick.tally(
            len(fast), "of these, arms that solve half of their runs at that length", "success"
        ),
    }
    if fast.empty:
        return found
    row = fast.iloc[0]
    needed = float(row["updates"] * row["sequences"])
    meaning = f"sequences until half of the runs of the quickest arm were solved at {length} steps"
    low, high = (float(row[name] * row["sequences"]) for name in ("updates_low", "updates_high"))
    value = Value(needed, wording.count(needed), meaning, "success", "", low, high, int(row["n"]))
    return found | {"training.quickest": value}


def rate(row: pd.Series, meaning: str) -> Value:
    """Return a rate of success with its interval."""
    low, value, high = (float(row[name]) for name in ("low", "rate", "high"))
    span = wording.between(wording.percent(low), wording.percent(high))
    return Value(value, wording.percent(value), meaning, "success", "1", low, high, int(row["n"]), span)


NUMBERS = Numbers(("trials", "success", "arm_trend"), make)
