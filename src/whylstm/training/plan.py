"""What an ensemble is trained on, how, and for how long: all that its results depend on beside its members."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from whylstm.errors import StudyError
from whylstm.training.evaluate import Examination


@dataclass(frozen=True)
class Plan:
    """The settings that all members of an ensemble share.

    Attributes:
        seed: the study's seed.
        task: the task's name.
        lengths: the shortest and the longest training length; they are examined at the longest.
        optimiser: its name.
        count: N, sequences per update.
        budget: updates after which a run ends unsolved (censored).
        examination: when and on what models are examined.
        record: updates per history row.
        probes_per_decade: how many probes are taken per decade of updates, beside those at the start and at the end.
        criterion: place of the success criterion in the task's list.
        stop_when_solved: whether a solved model leaves the ensemble, or trains on to the budget.
        options: the optimiser's constants that differ from their defaults.
    """

    seed: int
    task: str
    lengths: tuple[int, int]
    optimiser: str
    count: int
    budget: int
    examination: Examination = field(default_factory=Examination)
    record: int = 100
    probes_per_decade: int = 4
    criterion: int = 0
    stop_when_solved: bool = True
    options: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        low, high = self.lengths
        checks = {
            f"lengths: [{low}, {high}] is not allowed; allowed: two lengths, the shorter one first": low <= high,
            f"budget: {self.budget} is not allowed; allowed: at least 1": self.budget >= 1,
            f"count: {self.count} is not allowed; allowed: at least 1": self.count >= 1,
        }
        for sentence, holds in checks.items():
            if not holds:
                raise StudyError(sentence)

    @property
    def content(self) -> dict[str, Any]:
        """All fields as plain values, for digests."""
        return asdict(self)

    @property
    def probes(self) -> frozenset[int]:
        """The updates after which all models are probed: 0, and spread evenly in the logarithm up to the budget."""
        last = math.log10(self.budget) * self.probes_per_decade
        return frozenset({0} | {round(10 ** (k / self.probes_per_decade)) for k in range(math.floor(last) + 1)})
