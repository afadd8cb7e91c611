"""C8: the term through the memory at every step equals a product of forget gates.

The article replaces ∂C_i/∂h_{i-1} ∂h_{i-1}/∂C_{i-1}, the detour through h, by ∂C_i/∂C_{i-1} = f_i, the direct path. The
two stand side by side in an LSTM and neither is the other, so only their sizes are a matter of measurement. Both sides
are compared at every shown lag from 2 on (at lag 1 there is nothing to replace), over the whole grid, by the norm of
their difference over the larger of the two. Thresholds: :mod:`whylstm.claims._scale`, *equal* and *different*, applied
to the whole interval over replicates. A statement about all lags and settings: one place where the sides are equal
beside one where they differ makes it conditional.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from whylstm.claims import _identities
from whylstm.claims._scale import DIFFERENT, EQUAL, LEAST_COVERAGE, universal
from whylstm.claims.base import Claim, Measure, Number

if TYPE_CHECKING:
    from whylstm.claims.base import Tables, Verdict

SHOWN = 10
"""The lag at which sizes are told, or the largest measured one before it: as for the carry's share."""


def measure(tables: Tables) -> Measure:
    """Return where the sides are equal and where not, and how far they are apart."""
    gap = tables["article_gap"]
    both = gap[(gap["comparison"] == "gap_to_larger") & (gap["lag"] > 1)].dropna(subset=["median"])
    sure = both["coverage"] >= LEAST_COVERAGE
    equal, differ = int((sure & (both["high"] <= EQUAL)).sum()), int((sure & (both["low"] >= DIFFERENT)).sum())
    lag = max((int(value) for value in both["lag"].unique() if value <= SHOWN), default=0)
    ratio = gap[(gap["comparison"] == "detour_to_carousel") & (gap["lag"] == lag)]["median"].dropna()
    tried = _identities.equation(tables, "detour_equals_carousel")
    counted = {
        "n_places": (len(both), "settings and lags from 2 on at which both sides were measured", "places"),
        "n_points": (both["point"].nunique(), "settings among them", "points"),
        "n_equal": (equal, "places where the sides are surely equal", "places"),
        "n_differ": (differ, "places where the sides surely differ", "places"),
        "lag": (lag, "lag at which the sizes are told", "steps"),
    }
    numbers = {key: Number(value, text, unit, form="count") for key, (value, text, unit) in counted.items()}
    told = {
        "gap": _spread(
            both[both["lag"] == lag]["median"], "difference of the sides over the larger: middle (range) over settings"
        ),
        "smallest": _end(ratio.min(), ratio, "smallest ratio of detour to forget-gate path over settings"),
        "largest": _end(ratio.max(), ratio, "largest ratio of detour to forget-gate path over settings"),
        "error": tried.error("relative error of the equality in the small networks of the other identities"),
    }
    return Measure({**numbers, **told})


def _spread(logs: pd.Series, meaning: str) -> Number:
    if logs.empty:
        return Number(None, meaning, "log10", n=0, form="power")
    middle = float(logs.quantile(0.5, interpolation="lower"))
    return Number(middle, meaning, "log10", float(logs.min()), float(logs.max()), len(logs), "power")


def _end(value: float, logs: pd.Series, meaning: str) -> Number:
    return Number(None if logs.empty else float(value), meaning, "log10", n=len(logs), form="power")


def judge(measure: Measure) -> Verdict:
    """Return the verdict on all places at which both sides were measured."""
    return universal(measure["n_equal"], measure["n_differ"], measure["n_places"])


CLAIM = Claim(
    id="C8",
    place="Section 2, the equality behind the item",
    paraphrase="That term equals the direct path through the memory, a product of forget gates.",
    statistic=(
        "Norm of the difference of the two sides over the larger one, at all lags from 2 on and all LSTM settings"
    ),
    rule=(
        "A setting and lag counts as equal if the whole interval lies at 1e-8 or below, as different if at 1e-3 or "
        "above. Both occur: holds under conditions. Else nine in ten must be decided, and at least three: all equal "
        "holds, all different refutes; otherwise undecided."
    ),
    conditions=(
        "Lags from 2 on, with the index bounds set right (k − 1 forget gates between the first and the last step)."
    ),
    tables=("article_gap", _identities.TABLE),
    number="gap",
    figure="fig04_detour_against_carousel",
    measure=measure,
    judge=judge,
    titles={
        "holds": "The term is the product of forget gates",
        "holds under conditions": "The term is the product of forget gates in places only",
        "refuted": "The term is not the product of forget gates",
        "undecided": "Whether the term is the product of forget gates stays open",
    },
    sentences={
        "holds": "The two sides agree within {gap} at lag {lag}, and at {n_equal} of {n_places} settings and lags.",
        "holds under conditions": (
            "The two sides agree at {n_equal} of {n_places} settings and lags, and differ at {n_differ}."
        ),
        "refuted": (
            "The two sides are different paths: they differ at {n_differ} of {n_places} settings and lags. At lag "
            "{lag} their difference is {gap} times the larger side, and the detour is between {smallest} and {largest} "
            "times the product of forget gates."
        ),
        "undecided": (
            "The two sides agree at {n_equal} and differ at {n_differ} of {n_places} settings and lags: not enough to "
            "decide."
        ),
    },
)
