"""The settings of the grid that claims speak about, and what happens to the gradient in each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from whylstm.claims._scale import DECADES, LEAST_COVERAGE, RATE, STEPS
from whylstm.wording import number as plain

if TYPE_CHECKING:
    from whylstm.claims.base import Tables

SUBJECT = "lstm"
"""The article's cell. Its relatives have paths of their own and are judged elsewhere."""


def lstm(tables: Tables) -> pd.DataFrame:
    """Return the points of the article's cell."""
    points = tables["points"]
    return points[points["cell"] == SUBJECT]


def forget_products(tables: Tables) -> pd.DataFrame:
    """Return what is left of Π f at lag 100, or at the largest measured lag before it, for each LSTM point.

    The size of Π f is the root mean square over units of its diagonal, ‖Π D(f)‖_F / √H: 1 where nothing is forgotten.

    Returns:
        The points with ``lag``, ``median``, ``low``, ``high`` (log₁₀), ``n`` and ``kind``: *safe* if the interval lies
        above two lost decades at lag 100; *vanished* if it lies below them, at any lag, since Π f never grows again;
        else *open*.
    """
    profile = tables["lag_profile"]
    rows = profile[(profile["quantity"] == "carry_c_to_c") & (profile["lag"] <= STEPS)]
    rows = rows.sort_values("lag").drop_duplicates("point", keep="last")
    found = lstm(tables).merge(rows, on="point", suffixes=("_of_point", ""))
    norm = 0.5 * np.log10(found["hidden"].astype(float))
    found = found.assign(**{name: found[name] - norm for name in ("median", "low", "high")})
    sure = found["coverage"] >= LEAST_COVERAGE
    safe = sure & (found["low"] >= -DECADES) & (found["lag"] == STEPS)
    vanished = sure & (found["high"] < -DECADES)
    return found.assign(kind=np.select([safe, vanished], ["safe", "vanished"], "open"))


def gradients(tables: Tables) -> pd.DataFrame:
    """Return what happens to the gradient of the whole state at each LSTM point.

    Returns:
        The points with the columns of ``reach`` and ``kind``: *safe*, *vanishes* or *explodes* if the whole interval of
        λ₁ lies within, below or above ±ln(100)/100 nats per step; else *open*.
    """
    return _kinds(lstm(tables).merge(tables["reach"], on="point", suffixes=("_of_point", "")))


def _kinds(found: pd.DataFrame) -> pd.DataFrame:
    low, high = found["exponent_low"], found["exponent_high"]
    sure = found["coverage"] >= LEAST_COVERAGE
    kinds = {
        "safe": sure & (low >= -RATE) & (high <= RATE),
        "vanishes": sure & (high < -RATE),
        "explodes": sure & (low > RATE),
    }
    return found.assign(kind=np.select(list(kinds.values()), list(kinds), "open"))


def block(found: pd.DataFrame) -> tuple[float, float, int]:
    """Return the largest block of the grid, forget bias from b up and gain up to g, in which no setting fails.

    Args:
        found: settings with ``gain``, ``forget_bias`` and ``kind``; those with neither axis take no part.

    Returns:
        b, g and the number of safe settings in the block, the first of equally large ones with the smallest b; NaN, NaN
        and 0 if every block with a safe setting holds one that fails.
    """
    known = found.dropna(subset=["gain", "forget_bias"])
    best = (float("nan"), float("nan"), 0)
    for bias in sorted(known["forget_bias"].unique()):
        for gain in sorted(known["gain"].unique()):
            kinds = known.loc[(known["forget_bias"] >= bias) & (known["gain"] <= gain), "kind"]
            safe = int((kinds == "safe").sum())
            if safe > best[2] and kinds.isin(["safe", "open"]).all():
                best = (float(bias), float(gain), safe)
    return best


def block_in_words(bias: float, gain: float, count: int) -> str:
    """Return a block as words in a sentence.

    >>> block_in_words(4.0, 1.5, 12), block_in_words(float("nan"), float("nan"), 0)
    ('forget bias from 4 up and gain up to 1.5 (12 settings)', 'no block of forget biases and gains')
    """
    if not count:
        return "no block of forget biases and gains"
    return f"forget bias from {plain(bias)} up and gain up to {plain(gain)} ({count} settings)"


def half_life(log10: float, lag: int) -> float:
    """Return in how many steps a product halves that has shrunk to ``log10`` at ``lag``; inf if it has not shrunk.

    >>> round(half_life(-2.0, 100), 2)
    15.05
    """
    return lag * float(np.log10(2)) / -log10 if log10 < 0 else float("inf")
