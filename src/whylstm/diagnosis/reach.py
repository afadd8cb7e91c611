"""How far back: from norms by lag to a number of steps."""

from __future__ import annotations

import math
from collections.abc import Sequence


def effective_memory(logs: Sequence[float]) -> int | None:
    """Return the smallest lag at which the norm is below its first value over e, or None if it stays above.

    Args:
        logs: log₁₀ of the norms, the first one at lag 1. If that is zero already, the answer is lag 1 itself.

    >>> effective_memory([0.0, -0.2, -0.4, -0.6, -0.8])
    4
    """
    return _below(logs, first=1)


def input_memory(logs: Sequence[float]) -> int | None:
    """Return the same for norms that start at lag 0, as those with respect to the inputs do.

    >>> input_memory([0.0, -0.2, -0.4, -0.6])
    3
    """
    return _below(logs, first=0)


def _below(logs: Sequence[float], first: int) -> int | None:
    if logs[0] == -math.inf:
        return first
    level = logs[0] - math.log10(math.e)
    return next((first + place for place, value in enumerate(logs) if value < level), None)
