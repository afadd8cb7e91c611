"""Do arms that differ in clipping and regularisation come in Pascanu's order: plain, clipped, clipped with Ω?

Page's test for ordered alternatives: within each seed the arms are ranked by what they achieve, and L = Σ j · (rank of
the j-th arm) is compared with its distribution if all orders were equally likely. Ties get the mean of their ranks, and
the distribution is the exact one *given the ties*, found by convolution over the seeds.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pandas as pd

from whylstm.statistics import _exact, _scores
from whylstm.statistics.base import Statistic

if TYPE_CHECKING:
    from whylstm.statistics.base import Frames

SAME = ["experiment", "cell", "initialisation", "gain", "forget_bias", "task", "optimiser", "sequences", "budget"]
"""What arms must share to be compared; their learning rates may differ."""
SCORES = {"lengths": "solved", "updates": "spent"}
"""What is ranked: how many lengths a seed solved, or how few updates it spent on all of them."""


@dataclass(frozen=True)
class ArmTrend(Statistic):
    """One row per experiment that has the three arms, and thing that is ranked."""

    tables: ClassVar[tuple[str, ...]] = ("trials", "runs", "examinations")

    def of_tables(self, tables: Frames) -> pd.DataFrame:
        """Return L, what it is on average, and both one-sided p."""
        return pd.DataFrame(list(_trends(_scores.runs(tables))))


def _trends(rows: pd.DataFrame) -> Iterator[dict[str, Any]]:
    for key, own in rows.groupby(SAME, dropna=False, sort=True):
        arms = ordered(own)
        for ranked, score in SCORES.items() if arms else ():
            runs = _scores.shared(_scores.table(own, score), arms)
            if len(runs):
                told = {"experiment": key[0], "ranked": ranked, "order": " < ".join(arms), "cell": key[1]}
                yield told | {"lengths": _scores.lengths(runs)} | page(_scores.over_lengths(runs)[arms].to_numpy())


def ordered(rows: pd.DataFrame) -> list[str]:
    """Return the plain arm, the first clipped one and the first that is clipped and regularised, or none."""
    arms = rows.drop_duplicates("arm").sort_values(["clip_norm", "clip_value", "omega", "arm"])
    clipped = arms["clip_norm"].notna() | arms["clip_value"].notna()
    regular = arms["omega"] > 0
    kinds = [arms[~clipped & ~regular], arms[clipped & ~regular], arms[clipped & regular]]
    return [kind["arm"].iloc[0] for kind in kinds] if all(len(kind) for kind in kinds) else []


def page(scores: np.ndarray) -> dict[str, Any]:
    """Return Page's L of scores (replicates, arms), its mean, and the exact p for the order and against it."""
    from scipy.stats import rankdata

    ranks, weights = rankdata(scores, axis=1), np.arange(1.0, scores.shape[1] + 1)
    total = float((ranks @ weights).sum())
    parts = [[float(np.dot(weights, order)) for order in itertools.permutations(row)] for row in ranks]
    chances = _exact.distribution(parts)
    against = _exact.at_least(-total, {-value: chance for value, chance in chances.items()})
    mean = float(sum(value * chance for value, chance in chances.items()))
    return {"n": len(scores), "l": total, "mean": mean, "p": _exact.at_least(total, chances), "p_against": against}


STATISTIC = ArmTrend()
