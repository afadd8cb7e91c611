"""Exact distributions under a permutation hypothesis, for sums of independent parts that take few values each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

SAME = 1e-9
"""Sums that differ by less are equal: they are made of halves, and of shares that are sums of few terms."""


def distribution(parts: Iterable[list[float]]) -> dict[float, float]:
    """Return the probability of every sum, where each part takes one of its values with equal chances.

    >>> distribution([[-1.0, 1.0], [-1.0, 1.0]])
    {-2.0: 0.25, 0.0: 0.5, 2.0: 0.25}
    """
    sums: dict[float, float] = {0.0: 1.0}
    for values in parts:
        longer: dict[float, float] = defaultdict(float)
        for total, chance in sums.items():
            for value in values:
                longer[round(total + value, 9)] += chance / len(values)
        sums = longer
    return dict(sorted(sums.items()))


def at_least(value: float, chances: dict[float, float]) -> float:
    """Return the probability of a sum at least as large, at most 1."""
    return min(sum(chance for total, chance in chances.items() if total >= value - SAME), 1.0)


def two_sided(differences: list[float]) -> float:
    """Return the two-sided p of paired differences, whose signs are random if nothing differs.

    All sign patterns are counted (the paired permutation test on the sum).

    >>> two_sided([1.0, 1.0, 1.0, 0.0]), two_sided([0.0])
    (0.25, 1.0)
    """
    chances = distribution([[difference, -difference] for difference in differences])
    size = abs(sum(differences))
    return min(sum(chance for total, chance in chances.items() if abs(total) >= size - SAME), 1.0)
