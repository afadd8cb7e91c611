"""C4: if every one-step derivative stays below a constant below one, the product falls to zero exponentially.

Read with norms this is a theorem: ‖G(k)‖ ≤ ‖G(1)‖ b^(k-1) for a bound b on the norm of every factor. So the measurement
can only find it kept, or find a mistake of ours; what can fail is the reading. The article compares the derivative
itself, not its size, with the constant, and for matrices "below one" could as well be said of eigenvalues. The exact
counterexamples whose name begins with ``below_one`` take the statement at such a word. So the rule asks two things: is
the bound kept where it lies below one, and does every other reading of "below one" lead to zero as well?

Thresholds: the bound may be exceeded by 1e-6 decades, far more than the rounding of two hundred factors (1e-13). A
counterexample counts if its product has not fallen by two decades (:mod:`whylstm.claims._scale`) at its last lag.
One point that meets the premise is enough, for a theorem needs no statistics.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from whylstm.claims._scale import DECADES
from whylstm.claims.base import Claim, Measure, Number

if TYPE_CHECKING:
    from whylstm.claims.base import Tables, Verdict

ROUNDING = 1e-6
READINGS = "below_one"
NATS = 2.302585092994046
"""ln 10."""


def measure(tables: Tables) -> Measure:
    """Return how the points keep to their bounds, and which other readings fail."""
    bounded, failing = below_one(tables), other_readings(tables)
    excess, total = bounded["excess"], len(bounded)
    counted = {
        "n_points": (total, "points whose norm bound is below one in every replicate", "points"),
        "n_kept": ((excess <= ROUNDING).sum(), "of these, points that keep to their bound at every lag", "points"),
        "n_fall": ((bounded["exponent_high"] < 0).sum(), "of these, points whose λ₁ surely is negative", "points"),
        "n_grow": ((bounded["exponent_low"] > 0).sum(), "of these, points whose λ₁ surely is positive", "points"),
        "n_readings": (len(failing), "other readings of 'below one' that fail", "cases"),
    }
    numbers = {key: Number(int(value), text, unit, form="count") for key, (value, text, unit) in counted.items()}
    worst = Number(excess.max(), "largest norm over its bound: points, lags, windows", "log10", n=total, form="power")
    rate = "nats per step"
    ends = {
        "worst": worst,
        "slowest": Number(bounded["exponent_high"].max(), "largest upper end of λ₁ among these points", rate, n=total),
        "looseness": Number(bounded["looseness"].median(), "bound minus λ₁: median over points", rate, n=total),
    }
    return Measure({**numbers, **ends}, {"readings": "; ".join(failing) or "none"})


def below_one(tables: Tables) -> pd.DataFrame:
    """Return the points whose bound on every factor's norm is below one in all replicates, with their worst excess."""
    networks = tables["networks"].dropna(subset=["norm_bound"])
    worst = networks.groupby("point", as_index=False).agg(
        bound=("norm_bound", "max"), excess=("bound_excess", "max"), middle=("norm_bound", "median")
    )
    found = worst[worst["bound"] < 0].merge(tables["reach"], on="point")
    return found.assign(looseness=found["middle"] * NATS - found["exponent"])


def other_readings(tables: Tables) -> list[str]:
    """Return the sentences of the counterexamples that are below one in some sense and do not go to zero."""
    cases = tables["counterexamples"]
    last = cases[cases["case"].str.startswith(READINGS)].sort_values("lag").drop_duplicates("case", keep="last")
    return list(last.loc[last["log10_norm"] > -DECADES, "sentence"])


def judge(measure: Measure) -> Verdict:
    """Return refuted if a bound below one is exceeded or the norm grows, and else what the other readings leave."""
    total = measure["n_points"]
    if not total:
        return "undecided"
    if measure["n_kept"] < total or measure["n_grow"]:
        return "refuted"
    if measure["n_fall"] < total:
        return "undecided"
    return "holds under conditions" if measure["n_readings"] else "holds"


CLAIM = Claim(
    id="C4",
    place="Section 1, the product with η < 1",
    paraphrase="If every one-step derivative stays below one constant below one, the product vanishes exponentially.",
    statistic=(
        "Norm of the lag Jacobian over its bound, at all lags, where the norm of every factor is bounded below one; "
        "exact counterexamples to other readings of “below one”"
    ),
    rule=(
        "Among points whose norm bound γ σ_max(U) is below one in every replicate: a norm above the bound, or a λ₁ "
        "whose interval lies above 0, refutes. If all λ₁ lie below 0: holds if no other reading of “below one” among "
        "the exact counterexamples stays within two decades of 1 or grows; under conditions if one does. No such "
        "point, or a λ₁ that may be 0: undecided."
    ),
    conditions="“Below one” is said of the norm of every factor, and one constant below one holds for all of them.",
    tables=("networks", "reach", "counterexamples"),
    number="worst",
    figure="fig02_log_norm_against_lag",
    measure=measure,
    judge=judge,
    titles={
        "holds": "Factors below one make the gradient vanish",
        "holds under conditions": "Factors below one make the gradient vanish, if their norms are",
        "refuted": "The gradient can outlive factors below one",
        "undecided": "Whether factors below one make the gradient vanish stays open",
    },
    sentences={
        "holds": (
            "In all {n_points} settings with norms bounded below one the gradient keeps to the bound (at most {worst} "
            "of it) and falls exponentially; no other reading of “below one” fails."
        ),
        "holds under conditions": (
            "In all {n_points} settings with norms bounded below one the gradient keeps to the bound (at most {worst} "
            "of it, and {looseness} nats per step faster). Other readings of “below one” fail in {n_readings} exact "
            "cases: {readings}."
        ),
        "refuted": (
            "Of {n_points} settings with norms bounded below one, {n_kept} keep to the bound and {n_grow} grow "
            "(largest ratio {worst})."
        ),
        "undecided": (
            "{n_points} settings have norms bounded below one, and in {n_fall} of them the gradient falls for sure: "
            "not enough to decide."
        ),
    },
)
