"""C12: an LSTM can be trained on dependencies on which a simple recurrent network fails.

The article speaks of practice, so the evidence is training: each LSTM arm against the *best* simple arm of its
experiment (nonlinear and without a carry), on the same task, lengths, seeds, optimiser and budget. To take the best one
makes it harder for the LSTM, and leaves nobody to say that the other was badly set.

Runs of one seed at several lengths start from the same unit weights, so the seed is the unit: what a seed solves more
with one arm than with the other is added over the lengths, and the exact paired permutation test asks whether its sign
could be chance. Lengths that both solve, or neither does, add nothing: what is compared is what lies between, the
dependencies that are long for one of them. An arm that differs from its rival in no run at all is not contested and
decides nothing: it may be that everything was easy, or that the budget was too small for anything.

- *Better*: more runs solved, p < 0.05. *Not better*: contested, and no more runs solved. What lies between is open.
- Nine contested settings in ten better: holds. Some better and some not: it holds under conditions. Nine in ten not
  better: refuted. At least three must be decided, as for every statement about a grid.

p is not corrected for the number of settings: the rule asks for most of them, not for one. With fewer than six seeds
the test cannot reach 0.05 whatever happens (2/2⁵ = 0.0625), so that such a comparison could only speak against the
statement: it is not asked. (That was overlooked when the rule was written, and repaired before the final run.)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from whylstm.claims import _training
from whylstm.claims._scale import FEWEST, MOSTLY
from whylstm.claims.base import Claim, Measure, Number
from whylstm.statistics import _roles
from whylstm.wording import listed

if TYPE_CHECKING:
    from whylstm.claims.base import Tables, Verdict

CHANCE = 0.05
SEEDS = 6
"""The smallest number of seeds with which the two-sided test can reach it."""


def measure(tables: Tables) -> Measure:
    """Return how many LSTM arms do better than the best simple arm of their experiment, and by how much."""
    found = settings(tables)
    contested = found[found["more"] + found["less"] > 0]
    better = (contested["more"] > contested["less"]) & (contested["p"] < CHANCE)
    equal = contested["more"] <= contested["less"]
    counted = {
        "n_settings": (len(found), "LSTM arms with a simple arm beside them, and six seeds or more"),
        "n_contested": (len(contested), "of these, arms of which some run ends otherwise than the simple arm's"),
        "n_better": (int(better.sum()), "of these, arms that surely solve more"),
        "n_not": (int(equal.sum()), "of these, arms that solve no more"),
    }
    numbers = {key: Number(value, text, "arms", form="count") for key, (value, text) in counted.items()}
    share = float(better.mean()) if len(contested) else None
    meaning = "share of contested LSTM arms that surely solve more"
    shares = {
        "share_better": Number(share, meaning, n=len(contested), form="percent"),
        "rate": _rate(found["rate"], "share of runs that LSTM arms solve, over all their lengths"),
        "other_rate": _rate(found["other_rate"], "share of runs that the best simple arms solve, over these lengths"),
    }
    known = _training.words(tables)
    words = {"better": _names(contested[better], known), "not": _names(contested[equal], known)}
    return Measure({**numbers, **shares, "seeds": _seeds(found)}, words)


def settings(tables: Tables) -> pd.DataFrame:
    """Return every LSTM arm beside the simple arm of its experiment that solves most, equal ones by name.

    Comparisons with too few seeds to be decided are left out, after the rival was chosen. An arm that stands in two
    experiments is one arm, compared where it was trained at most lengths.
    """
    known = _training.successes(tables)
    arms = known.assign(same=_roles.content(known))[["experiment", "arm", "cell", "same"]].drop_duplicates()
    rows = _training.pairs(tables).merge(arms[arms["cell"] == _training.LSTM], on=["experiment", "arm"])
    others = arms.loc[arms["cell"].isin(_training.SIMPLE), ["experiment", "arm"]].rename(columns={"arm": "other"})
    rows = rows.merge(others, on=["experiment", "other"])
    best = rows.sort_values(["other_rate", "other"], ascending=[False, True]).drop_duplicates(["experiment", "arm"])
    best = best[best["n"] >= SEEDS].sort_values(["lengths", "experiment", "arm"], ascending=[False, True, True])
    return best.drop_duplicates("same").sort_values(["experiment", "arm"], ignore_index=True)


def _rate(rates: pd.Series, meaning: str) -> Number:
    """Return the mean over arms, with the smallest and the largest."""
    if rates.empty:
        return Number(None, meaning, n=0, form="percent")
    return Number(float(rates.mean()), meaning, "1", float(rates.min()), float(rates.max()), len(rates), "percent")


def _seeds(found: pd.DataFrame) -> Number:
    meaning = "smallest number of seeds behind a comparison"
    return Number(int(found["n"].min()) if len(found) else None, meaning, "replicates", form="count")


def _names(rows: pd.DataFrame, known: dict[tuple[str, str], str]) -> str:
    return listed([known[row.experiment, row.arm] for row in rows.itertuples()])


def judge(measure: Measure) -> Verdict:
    """Return the verdict from the contested arms."""
    better, equal = measure["n_better"], measure["n_not"]
    if better + equal < FEWEST:
        return "undecided"
    if better and equal:
        return "holds under conditions"
    if better + equal < MOSTLY * measure["n_contested"]:
        return "undecided"
    return "holds" if better else "refuted"


CLAIM = Claim(
    id="C12",
    place="Section 3, on practice; section 1, the motive",
    paraphrase="In practice an LSTM can be trained on dependencies that are too long for a simple recurrent network.",
    statistic="Runs solved by each LSTM arm and by the best simple arm of its experiment, paired by seed and length",
    rule=(
        "Each with six seeds or more. Better: more runs solved over all lengths, exact paired permutation test over "
        "seeds, p < 0.05. Not better: "
        "some run ends otherwise, and no more are solved. Of the arms of which some run ends otherwise: some better "
        "and some not: holds under conditions; nine in ten better: holds; nine in ten not better: refuted; fewer than "
        "three decided, or else: undecided."
    ),
    conditions=(
        "The tasks, lengths, sizes, optimisers and budgets of this study, and its seeds (in the smallest comparison: "
        "{seeds}). A run that the budget ended might have been solved later."
    ),
    tables=("arm_pairs", "success", "trials"),
    number="share_better",
    figure="fig14_success_against_length",
    measure=measure,
    judge=judge,
    titles={
        "holds": "An LSTM learns what a simple network does not",
        "holds under conditions": "An LSTM learns more than a simple network if it is set up for it",
        "refuted": "An LSTM learns no more than a simple network",
        "undecided": "Whether an LSTM learns more than a simple network stays open",
    },
    sentences={
        "holds": (
            "Of {n_contested} LSTM arms that can be told from the best simple network beside them, {n_better} surely "
            "solve more, and none no more: {rate} of all runs on average against {other_rate}."
        ),
        "holds under conditions": (
            "Of {n_contested} LSTM arms that can be told from the best simple network beside them, {n_better} surely "
            "solve more: {better}. {n_not} solve no more: {not}."
        ),
        "refuted": (
            "Of {n_contested} LSTM arms that can be told from the best simple network beside them, none surely solves "
            "more: {rate} of all runs on average against {other_rate}."
        ),
        "undecided": (
            "Of {n_settings} LSTM arms with a simple network beside them, {n_contested} can be told from it; "
            "{n_better} surely solve more and {n_not} no more: not enough to decide."
        ),
    },
)
