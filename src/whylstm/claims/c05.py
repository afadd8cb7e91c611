"""C5: if every one-step derivative is above one, the gradient explodes exponentially.

In one dimension this holds, for |xy| = |x||y|; the article says that it argues in one dimension and sends its reader to
Pascanu et al. for more. In more dimensions a norm above one is necessary for growth and not sufficient: a factor can
stretch one direction while the product runs along another. Two kinds of evidence meet the premise without doubt,
because every factor's norm is *known* to exceed one: networks of the linear cell (every factor is U itself) with
σ_max(U) > 1, and the exact counterexamples with every factor's norm above one. In other cells without carry σ_max(U) >
1 allows factors below one; they are counted beside, and do not enter the rule.

Rule by existence, so that the verdict does not depend on how many gains a grid has on either side: some explode and
some vanish is the condition, all explode holds, none explodes refutes. Exploding and vanishing mean two decades over a
hundred steps (:mod:`whylstm.claims._scale`), of a counterexample two decades over its lags.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from whylstm.claims._scale import DECADES, FEWEST, MOSTLY, RATE
from whylstm.claims.base import Claim, Measure, Number

if TYPE_CHECKING:
    from whylstm.claims.base import Tables, Verdict

LINEAR = "linear"


def measure(tables: Tables) -> Measure:
    """Return what becomes of the gradient where every factor's norm exceeds one, and where only U's does."""
    strict, loose = above_one(tables)
    cases = exact_cases(tables)
    grow, vanish = _counts(strict["exponent"], RATE)
    cases_grow, cases_vanish = _counts(cases["log10_norm"], DECADES)
    counted = {
        "n_networks": (len(strict), "linear networks whose factors all have a norm above one", "networks"),
        "n_grow": (grow, "of these, networks whose gradient explodes", "networks"),
        "n_vanish": (vanish, "of these, networks whose gradient vanishes", "networks"),
        "n_cases": (len(cases), "exact cases whose factors all have a norm above one", "cases"),
        "n_cases_grow": (cases_grow, "of these, cases whose product explodes", "cases"),
        "n_cases_vanish": (cases_vanish, "of these, cases whose product vanishes", "cases"),
        "n_loose": (len(loose), "nonlinear networks without carry and with σ_max(U) above one", "networks"),
    }
    numbers = {key: Number(value, text, unit, form="count") for key, (value, text, unit) in counted.items()}
    shares = {
        "share_vanish": share(strict, "share of linear networks with norms above one whose gradient vanishes"),
        "share_loose": share(loose, "share of nonlinear networks with σ_max(U) above one whose gradient vanishes"),
    }
    return Measure({**numbers, **shares})


def above_one(tables: Tables) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the networks without carry whose σ_max(U) exceeds one: those of the linear cell, and the others."""
    networks = tables["networks"].merge(tables["points"][["point", "cell"]], on="point")
    found = networks[networks["norm_bound"] > 0].dropna(subset=["exponent"])
    linear = found["cell"] == LINEAR
    return found[linear], found[~linear]


def exact_cases(tables: Tables) -> pd.DataFrame:
    """Return the last lag of every counterexample whose factors all have a norm above one."""
    cases = tables["counterexamples"]
    return cases[cases["smallest_norm"] > 1].sort_values("lag").drop_duplicates("case", keep="last")


def share(networks: pd.DataFrame, meaning: str) -> Number:
    """Return the share of networks whose gradient vanishes, with the least and the largest share of any replicate.

    Replicates with the same number share their unit weights over all gains, so that networks are not independent; the
    replicates are.
    """
    if networks.empty:
        return Number(None, meaning, "1", n=0, form="percent")
    vanishing = networks["exponent"] < -RATE
    each = vanishing.groupby(networks["replicate"]).mean()
    return Number(float(vanishing.mean()), meaning, "1", float(each.min()), float(each.max()), len(each), "percent")


def judge(measure: Measure) -> Verdict:
    """Return the verdict on everything whose every factor's norm is known to exceed one."""
    grow = measure["n_grow"] + measure["n_cases_grow"]
    vanish = measure["n_vanish"] + measure["n_cases_vanish"]
    total = measure["n_networks"] + measure["n_cases"]
    if grow + vanish < FEWEST:
        return "undecided"
    if grow and vanish:
        return "holds under conditions"
    if vanish:
        return "refuted"
    return "holds" if grow >= MOSTLY * total else "undecided"


def _counts(values: pd.Series, threshold: float) -> tuple[int, int]:
    return int((values > threshold).sum()), int((values < -threshold).sum())


CLAIM = Claim(
    id="C5",
    place="Section 1, after the product with η < 1",
    paraphrase="If every one-step derivative is above one, the gradient grows exponentially.",
    statistic="λ₁ of linear networks whose every factor has a norm above one, and exact products of such factors",
    rule=(
        "Explode and vanish: two decades per hundred steps, or over an exact case's lags. Where every factor's norm is "
        "known to exceed one: some explode and some vanish: holds under conditions; only vanishing ones: refuted; nine "
        "in ten explode and none vanishes: holds; fewer than three that do either, or a gradient that mostly does "
        "neither: undecided."
    ),
    conditions=(
        "One dimension, where the size of a product is the product of the sizes. For matrices a norm above one is "
        "needed for growth, and not enough: what grows or not is the product, and eigenvalues of single factors do not "
        "tell it either."
    ),
    tables=("networks", "points", "counterexamples"),
    number="share_vanish",
    figure="fig07_phase_diagram",
    measure=measure,
    judge=judge,
    titles={
        "holds": "Factors above one make the gradient explode",
        "holds under conditions": "Factors above one need not make the gradient explode",
        "refuted": "Factors above one do not make the gradient explode",
        "undecided": "Whether factors above one make the gradient explode stays open",
    },
    sentences={
        "holds": (
            "Of {n_networks} linear networks whose every factor has a norm above one {n_grow} explode and none "
            "vanishes, and so do {n_cases_grow} of {n_cases} exact cases."
        ),
        "holds under conditions": (
            "It holds in one dimension. Among {n_networks} linear networks whose every factor has a norm above one, "
            "{n_grow} are seen to explode and {n_vanish} to vanish; among {n_cases} exact cases {n_cases_grow} and "
            "{n_cases_vanish}. Of {n_loose} nonlinear networks with σ_max(U) above one, {share_loose} vanish."
        ),
        "refuted": (
            "None of {n_networks} linear networks with norms above one explodes and {n_vanish} vanish; of {n_cases} "
            "exact cases {n_cases_vanish} vanish."
        ),
        "undecided": (
            "Of {n_networks} linear networks with norms above one {n_grow} explode and {n_vanish} vanish, of {n_cases} "
            "exact cases {n_cases_grow} and {n_cases_vanish}: not enough to decide."
        ),
    },
)
