"""What a comparison finds: one outcome for every table, list and figure, and the worst row of what differs."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass, field
from enum import Enum
from typing import Any


class Outcome(Enum):
    """How two versions of one thing relate."""

    IDENTICAL = "identical"
    AGREES = "agrees within tolerance"
    DIFFERS = "differs"
    ONLY_A = "only in the first"
    ONLY_B = "only in the second"


@dataclass(frozen=True)
class Difference:
    """One column that differs.

    Attributes:
        column: its name.
        count: rows that differ beyond the tolerance.
        largest: the largest size of their differences, in the column's unit; inf where one side is missing or infinite,
            None for text.
        key: the key of the row with the largest difference.
        first: what the first run has in that row.
        second: what the second run has there.
        unit: the column's unit.
    """

    column: str
    count: int
    largest: float | None
    key: dict[str, Any]
    first: Any
    second: Any
    unit: str = ""


@dataclass(frozen=True)
class Compared:
    """One table, list or figure.

    Attributes:
        kind: table, values, claims or figure.
        name: its name.
        outcome: how the two versions relate.
        rows: rows with the same key in both.
        free: rows of them that nothing can be asked of (see the rule in :mod:`whylstm.comparison.tolerance`).
        differences: the columns that differ.
        notes: what else differs, in words.
    """

    kind: str
    name: str
    outcome: Outcome
    rows: int = 0
    free: int = 0
    differences: tuple[Difference, ...] = ()
    notes: tuple[str, ...] = ()

    def plain(self) -> dict[str, Any]:
        """Return it as JSON can hold it."""
        return asdict(self) | {"outcome": self.outcome.value}


@dataclass(frozen=True)
class Report:
    """All that was compared; ``partial`` says that the second is a reference that need not hold everything."""

    first: str
    second: str
    partial: bool = False
    parts: tuple[Compared, ...] = field(default=())

    @property
    def failed(self) -> list[Compared]:
        """The parts that neither are identical nor agree; what a reference does not hold cannot fail."""
        fine = {Outcome.IDENTICAL, Outcome.AGREES} | ({Outcome.ONLY_A} if self.partial else set())
        return [part for part in self.parts if part.outcome not in fine]

    @property
    def counts(self) -> dict[Outcome, int]:
        """How many parts have each outcome, in the order of the outcomes; none where there is none."""
        found = Counter(part.outcome for part in self.parts)
        return {outcome: found[outcome] for outcome in Outcome if found[outcome]}

    def plain(self) -> dict[str, Any]:
        """Return it as JSON can hold it."""
        return {
            "first": self.first,
            "second": self.second,
            "same": not self.failed,
            "parts": [part.plain() for part in self.parts],
        }
