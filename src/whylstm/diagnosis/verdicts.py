"""Words from numbers: every verdict is a rule with stated thresholds, and none is typed."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from whylstm.diagnosis.exponents import Exponent

if TYPE_CHECKING:
    import pandas as pd

DECADE = 1.0
"""The gradient has moved if its norm at the largest lag differs from that at lag 1 by more than this many decades."""

SPREAD = 1.0
"""Decades by which the largest parameter gradient exceeds the median one before clipping has something to do."""

NEARLY_ALL, MOST, SOME = 0.9, 0.5, 0.1
"""Lower ends of the carry shares that are called nearly all, most and part of the gradient."""

THRESHOLDS = {
    "moved": "the norm at the largest lag differs from that at lag 1 by more than a factor of 10",
    "vanishes": "moved down, and the growth per step is below 0 by more than two standard errors (where it is known)",
    "explodes": "moved up, and the growth per step is above 0 by more than two standard errors (where it is known)",
    "keeps": "not moved",
    "unclear": "moved, but the growth per step does not have a sure sign, or has the other one",
    "settled": "the growth in the two halves of the sequence differs by at most four standard errors",
    "carry words": f"nearly all: at least {NEARLY_ALL}, most: {MOST}, part: {SOME}, almost none: less",
    "clipping": "worth it if the largest parameter gradient exceeds the median one more than tenfold",
    "recommended": "of the changes whose growth is not above 0 by more than two standard errors, the one with the"
    " longest memory, if it is longer than that of the network as it is (or if that one explodes)",
}


def direction(decades: float, exponent: Exponent | None) -> str:
    """Return ``vanishes``, ``explodes``, ``keeps`` or ``unclear``.

    Args:
        decades: log₁₀ of the norm at the largest lag over that at lag 1.
        exponent: the growth per step, None if unknown.

    >>> direction(-4.0, Exponent(-0.1, 0.01, 0.0, 100)), direction(-4.0, Exponent(-0.1, 0.2, 0.0, 100))
    ('vanishes', 'unclear')
    >>> direction(0.5, None), direction(3.0, None)
    ('keeps', 'explodes')
    """
    if math.isnan(decades):
        return "vanishes"  # zero at lag 1 already: -inf minus -inf
    if abs(decades) <= DECADE:
        return "keeps"
    if decades < 0:
        return "vanishes" if exponent is None or exponent.high < 0 else "unclear"
    return "explodes" if exponent is None or exponent.low > 0 else "unclear"


def carry_word(share: float) -> str:
    """Return how much of the gradient a carry share is.

    >>> carry_word(0.95), carry_word(0.3), carry_word(0.01)
    ('nearly all', 'part', 'almost none')
    """
    if math.isnan(share):
        return "none"
    return (
        "nearly all" if share >= NEARLY_ALL else "most" if share >= MOST else "part" if share >= SOME else "almost none"
    )


def recommended(changes: pd.DataFrame) -> str | None:
    """Return the name of the change that lengthens memory most without growth, or None if none does."""
    tame = changes[(changes["broken"].isna()) & ~(changes["growth"] - 2 * changes["error"] > 0)]
    if tame["growth"].isna().all():
        tame = tame[tame["decades"] <= DECADE]
    now = changes.iloc[0]
    ranked = tame.assign(reach=tame["memory"].fillna(math.inf)).sort_values(
        ["reach", "growth"], ascending=False, kind="stable"
    )
    if ranked.empty:
        return None
    best = ranked.iloc[0]
    reach = math.inf if math.isnan(now["memory"]) else now["memory"]
    grows = now["growth"] - 2 * now["error"] > 0 if not math.isnan(now["growth"]) else now["decades"] > DECADE
    better = grows or best["reach"] > reach
    return str(best["change"]) if better and best["change"] != now["change"] else None
