"""Section 3: what learning does to the gradient, what the gradient foretells, and what is left without parts of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from whylstm import wording
from whylstm.article.numbers import _pick
from whylstm.article.values import Numbers, Value
from whylstm.statistics import _roles

if TYPE_CHECKING:
    import pandas as pd

    Tables = Mapping[str, pd.DataFrame]

PREDICTOR, OUTCOME = "reach", "sooner"
SCOPES = {"between": "between arms", "within": "between the seeds of one arm", "all": "over all runs"}
CHANGING = {
    "carry_share": ("share", "the carry’s share of the gradient"),
    "gate": ("gate", "the mean of the carry"),
    "norm": ("norm", "the norm of the gradient at three quarters of the length"),
}
GUESS = 0.5


def make(tables: Tables, claims: Mapping[str, dict[str, Any]]) -> dict[str, Value]:
    """Return changes, correlations, the truncated gradient, and scores at far lengths, as far as there are any."""
    return {**changes(tables), **foretold(tables), **truncated(tables), **far(tables)}


def changes(tables: Tables) -> dict[str, Value]:
    """Return in how many arms the carry's share, its mean and the norm surely grow or fall while runs are solved."""
    rows, found = _roles.learned_changes(tables), {}
    for quantity, (key, words) in CHANGING.items():
        own = _roles.of(rows, quantity=quantity)
        meaning = f"arms in whose solved runs {words} surely"
        found[f"learned.{key}_grows"] = _pick.tally(int((own["low"] > 0).sum()), f"{meaning} grows", "training_change")
        found[f"learned.{key}_falls"] = _pick.tally(int((own["high"] < 0).sum()), f"{meaning} falls", "training_change")
    total = _roles.of(rows, quantity="carry_share")
    if total.empty:
        return {}
    return found | {
        "learned.arms": _pick.tally(len(total), "arms with gates of which runs were solved", "training_change")
    }


def foretold(tables: Tables) -> dict[str, Value]:
    """Return the rank correlation of the hold before training with how soon a run is solved, by scope."""
    asked = _roles.predictions(tables, PREDICTOR, OUTCOME)
    found = {}
    for rows in asked[:1]:
        for scope, words in SCOPES.items():
            for _, row in _roles.of(rows, scope=scope, predictor=PREDICTOR).iterrows():
                found[f"learned.{scope}"] = correlation(row, f"{words}, at equal length")
                found[f"learned.{scope}_says"] = _pick.words(says(row), f"what that says {words}", "prediction")
    return found


def says(row: pd.Series) -> str:
    """Return in words what the interval of a rank correlation says."""
    if row["low"] > 0:
        return "the stronger the hold, the sooner"
    return "the stronger the hold, the later" if row["high"] < 0 else "open, since the interval holds none"


def correlation(row: pd.Series, words: str) -> Value:
    """Return a rank correlation with its interval."""
    meaning = f"rank correlation of the hold on inputs before training with how soon a run is solved, {words}"
    ends = (float(row["low"]), float(row["high"]))
    span = wording.between(*(wording.decimals(end) for end in ends))
    text = wording.decimals(float(row["correlation"]))
    return Value(float(row["correlation"]), text, meaning, "prediction", "1", *ends, int(row["n"]), span)


def truncated(tables: Tables) -> dict[str, Value]:
    """Return the cosine of truncated and full gradient at both ends of training, and what arms without it solve."""
    course = _roles.cut_course(tables)
    if course.empty:
        return {}
    least = course[course["detach"] == course["detach"].min()]
    rows = _roles.of(least, quantity="cosine", cell=least["cell"].iloc[0]).sort_values(["arm", "update"])
    rows = rows[rows["arm"] == rows["arm"].iloc[0]]
    found = {
        f"learned.cosine_{key}": cosine(rows.iloc[place], f"{words} training")
        for key, place, words in (("first", 0, "before"), ("last", -1, "after"))
    }
    length = _pick.setting(rows["longest"].iloc[0], "length of these sequences", "trials")
    return found | {"learned.cut_length": length} | cut_or_whole(tables, course["experiment"].iloc[0])


def cut_or_whole(tables: Tables, experiment: str) -> dict[str, Value]:
    """Return what is solved by the full and by the truncated gradient, over all lengths, and how surely they differ."""
    rows = _roles.of(_roles.rates(tables), experiment=experiment)
    arms = {key: _roles.of(rows, detach=cut)["arm"].min() for key, cut in (("full", 0.0), ("truncated", 1.0))}
    pairs = _roles.of(tables["arm_pairs"], experiment=experiment)
    pairs = pairs[pairs["first"].isin(arms.values()) & pairs["second"].isin(arms.values())]
    if pairs.empty:
        return {}
    pair = pairs.iloc[0]
    shares = {pair["first"]: float(pair["first_rate"]), pair["second"]: float(pair["second_rate"])}
    lengths = [wording.count(length) for length in sorted(rows["longest"].unique())]
    runs = int(pair["n"] * pair["lengths"])
    meaning = "share of runs that were solved over these lengths, trained by the {} gradient"
    p = _pick.chance(pair["p"], "exact two-sided p of the difference, paired by seed", "arm_pairs", int(pair["n"]))
    return {
        "learned.cut_lengths": _pick.words(wording.listed(lengths), "lengths of these sequences", "trials"),
        "learned.cut_p": p,
        **{f"learned.{k}": _pick.solved(shares[arm], runs, meaning.format(k), "arm_pairs") for k, arm in arms.items()},
    }


def cosine(row: pd.Series, words: str) -> Value:
    """Return a cosine with its interval."""
    meaning = f"cosine of the truncated with the full gradient, {words}, LSTM trained by the full one"
    return _pick.rate(row, ("median", "low", "high"), meaning, "training_course")


def far(tables: Tables) -> dict[str, Value]:
    """Return how many kinds of network still do at the longest test length what they learned on short ones."""
    rows = _roles.far_scores(tables)
    if rows.empty:
        return {}
    last = _roles.farthest(rows)
    limit = GUESS * last["trivial"]
    name = "extrapolation_summary"
    counts = {
        "far_kinds": (len(last), "kinds of network tested at far lengths"),
        "far_kept": (int((last["high"] < limit).sum()), "of these, those that surely are better than half of guessing"),
        "far_lost": (int((last["low"] > limit).sum()), "of these, those that surely are worse than half of guessing"),
    }
    found = {f"learned.{key}": _pick.tally(count, meaning, name) for key, (count, meaning) in counts.items()}
    return found | {
        "learned.far": _pick.setting(last["length"].max(), "longest length of the tests, in steps", name),
        "learned.far_trained": _pick.setting(rows["longest"].max(), "longest length of the training", "trials"),
    }


READS = ("trials", "success", "arm_pairs", "training_change", "training_course", "prediction", "extrapolation_summary")
NUMBERS = Numbers(READS, make)
