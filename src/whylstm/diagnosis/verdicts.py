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
    "settled": "the growth in the two halves of the sequence differs by at most six standard errors",
    "carry words": f"nearly all: at least {NEARLY_ALL}, most: {MOST}, part: {SOME}, almost none: less",
    "clipping": "worth it if the largest parameter gradient exceeds the median one more than tenfold",
    "recommended": "of the changed networks that do not grow (neither per step by more than two standard errors, nor by"
    " more than a factor of 10 in the window), the one with the longest memory and then with the growth nearest to 0,"
    " if its memory is longer than that of the network as it is, or if that one grows; nothing for a network that keeps"
    " its gradient's size, for there is nothing to mend",
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
    tame = changes[changes["broken"].isna() & ~changes.apply(grows, axis=1)]
    reach = tame["memory"].fillna(math.inf).where(tame["decades"].notna(), 0.0)
    order = tame.assign(reach=reach, size=tame["growth"].abs()).sort_values(
        ["reach", "size"], ascending=[False, True], kind="stable"
    )
    now = changes.iloc[0]
    if abs(now["decades"]) <= DECADE and now.isna()["broken"]:
        return None
    if order.empty or order.iloc[0]["change"] == now["change"]:
        return None
    further = order.iloc[0]["reach"] > (math.inf if math.isnan(now["memory"]) else now["memory"])
    return str(order.iloc[0]["change"]) if further or grows(now) else None


def grows(row: pd.Series) -> bool:
    """Return whether a network's gradient grows: surely in the long run, or by more than a decade in the window."""
    return bool(row["growth"] - 2 * row["error"] > 0 or row["decades"] > DECADE)
