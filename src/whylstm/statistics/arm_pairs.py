"""Two arms of an experiment on the same seeds: who solves more lengths, and how surely.

The unit is the seed: its runs at several lengths start from the same unit weights, so they are added up first.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import pandas as pd

from whylstm.statistics import _exact, _median, _scores
from whylstm.statistics.base import Statistic

if TYPE_CHECKING:
    from whylstm.statistics.base import Frames


@dataclass(frozen=True)
class ArmPairs(Statistic):
    """One row per experiment and pair of arms that share a length and size, each pair once, in order of their names."""

    tables: ClassVar[tuple[str, ...]] = ("trials", "runs", "examinations")

    def of_tables(self, tables: Frames) -> pd.DataFrame:
        """Return rates, discordant runs, the paired difference with its interval, and the exact p."""
        return pd.DataFrame(list(_pairs(_scores.runs(tables))))


def _pairs(rows: pd.DataFrame) -> Iterator[dict[str, Any]]:
    for experiment, own in rows.groupby("experiment", sort=True):
        scores = _scores.table(own, "solved")
        for first, second in itertools.combinations(sorted(scores.columns), 2):
            pairs = _scores.shared(scores, [first, second])
            if len(pairs):
                yield {"experiment": experiment, "first": first, "second": second} | compared(pairs)


def compared(pairs: pd.DataFrame) -> dict[str, Any]:
    """Return the comparison of two arms from 0 and 1, seeds at each length by arms (first, second)."""
    before, after = (pairs[arm].to_numpy() for arm in pairs)
    first, second = _scores.over_lengths(pairs).to_numpy().T
    found = _median.summary(second - first)
    return {
        "lengths": _scores.lengths(pairs),
        "n": len(first),
        "first_rate": float(before.mean()),
        "second_rate": float(after.mean()),
        "first_only": int((before > after).sum()),
        "second_only": int((after > before).sum()),
        **{name: float(found[name]) for name in ("median", "low", "high", "coverage")},
        "p": _exact.two_sided((second - first).tolist()),
    }


STATISTIC = ArmPairs()
