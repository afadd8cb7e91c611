"""C6: within one step the old output reaches the new one along two paths, through the memory and the output gate.

With C_{t-1} held fixed, ∂h_t/∂h_{t-1} = D(d) A + O: an identity for one step. Over two steps a third path appears, from
h into C, on through the forget gate, and out again, which no product of such steps contains; how much it carries is
measured beside (``defect``), and judged under C3. Thresholds: :mod:`whylstm.claims._scale`, *equal* and *different*.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from whylstm.claims import _identities
from whylstm.claims.base import Claim, Measure, Number

if TYPE_CHECKING:
    from whylstm.claims.base import Tables, Verdict


def measure(tables: Tables) -> Measure:
    """Return the error of the two paths over one step, and what they miss over two."""
    found = _identities.equation(tables, "two_paths")
    missed = _identities.equation(tables, "defect_at_lag_2")
    gap = tables["article_gap"]
    defects = gap.loc[(gap["comparison"] == "defect_to_truth") & (gap["lag"] == 2), "median"].dropna()
    numbers = {
        "error": found.error("relative error of the two paths over one step: median (range)"),
        "error_missed": missed.error("relative error of the article's product over two steps plus D(d f) ∂C/∂h"),
        "defect": _defect(list(defects)),
    }
    return Measure({**numbers, **_identities.cells(found)}, _identities.words(found))


def _defect(logs: list[float]) -> Number:
    meaning = "share of ∂h(t)/∂h(t−2) that two steps of two paths miss: middle (range) over settings"
    if not logs:
        return Number(None, meaning, "1", n=0, form="percent")
    shares = sorted(10.0**log for log in logs)
    return Number(shares[len(shares) // 2], meaning, "1", shares[0], shares[-1], len(shares), "percent")


def judge(measure: Measure) -> Verdict:
    """Return the verdict on the equation of one step."""
    return _identities.verdict(measure["n_right"], measure["n_wrong"], measure["n_open"])


CLAIM = Claim(
    id="C6",
    place="Section 2, after the product for h",
    paraphrase=(
        "In one step of an LSTM the old output reaches the new one by two paths: the memory and the output gate."
    ),
    statistic="Relative error of the sum of the two paths against automatic differentiation of one step, float64",
    rule=(
        "A cell counts as right if the error is at most 1e-8 in every replicate, as wrong if at least 1e-3 in every "
        "one. Right in all cells with a memory: holds; wrong in all: refuted; both occur: holds under conditions; else "
        "undecided."
    ),
    conditions=(
        "One step, the memory before it held fixed. Over two steps there is a third path, through the forget gate."
    ),
    tables=(_identities.TABLE, "article_gap"),
    number="error",
    figure="fig03_paths_and_product",
    measure=measure,
    judge=judge,
    titles={
        "holds": "Two paths lead from one output to the next",
        "holds under conditions": "Two paths lead from one output to the next in some cells",
        "refuted": "More than two paths lead from one output to the next",
        "undecided": "Whether two paths lead from one output to the next stays open",
    },
    sentences={
        "holds": (
            "An identity of one step: the two paths add up to ∂h(t)/∂h(t−1) within {error} of its size, in {right}. "
            "Over two steps they miss {defect} of it in the middle setting ({defect.span})."
        ),
        "holds under conditions": (
            "The two paths add up for {right}, and do not for {wrong} (median error over all {error})."
        ),
        "refuted": "The two paths miss ∂h(t)/∂h(t−1) by {error} ({error.span}) of its size.",
        "undecided": (
            "The tables hold no clear answer: right in {n_right} cells, wrong in {n_wrong}, neither in {n_open}."
        ),
    },
)
