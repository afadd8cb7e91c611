"""C1: the gradient of the whole loss is the sum of the gradients of the losses at each step.

An identity of calculus. It is measured because everything else stands on it, and so that its error shows how large
rounding is where an equation is right. Thresholds: :mod:`whylstm.claims._scale`, *equal* and *different*.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from whylstm.claims import _identities
from whylstm.claims.base import Claim, Measure

if TYPE_CHECKING:
    from whylstm.claims.base import Tables, Verdict


def measure(tables: Tables) -> Measure:
    """Return the relative error of the sum over steps, and the cells in which it is right."""
    found = _identities.equation(tables, "sum_over_steps")
    error = found.error("relative error of the sum over steps: median (range) over cells and replicates")
    return Measure({"error": error, **_identities.cells(found)}, _identities.words(found))


def judge(measure: Measure) -> Verdict:
    """Return holds if it is right in every cell, refuted if in none, and under conditions if in some."""
    return _identities.verdict(measure["n_right"], measure["n_wrong"], measure["n_open"])


CLAIM = Claim(
    id="C1",
    place="Section 1, first equation",
    paraphrase="The gradient of the whole loss is the sum, over all steps, of the gradients of each step's loss.",
    statistic="Relative error of the sum against backpropagation through the whole loss, float64",
    rule=(
        "A cell counts as right if the error is at most 1e-8 in every replicate, as wrong if at least 1e-3 in every "
        "one. Right in all cells: holds; wrong in all: refuted; both occur: holds under conditions; else undecided."
    ),
    conditions="The parameters are shared by all steps, and the loss is a sum over steps.",
    tables=(_identities.TABLE,),
    number="error",
    figure=None,
    measure=measure,
    judge=judge,
    titles={
        "holds": "The gradient is the sum over steps",
        "holds under conditions": "The gradient is the sum over steps in some cells only",
        "refuted": "The gradient is not the sum over steps",
        "undecided": "Whether the gradient is the sum over steps stays open",
    },
    sentences={
        "holds": (
            "An identity: the two sides differ by {error} ({error.span}) of their size in all {n_right} cells, which "
            "is rounding."
        ),
        "holds under conditions": (
            "The two sides agree for {right}, and differ for {wrong} (median error over all {error})."
        ),
        "refuted": "The two sides differ by {error} ({error.span}) of their size in all {n_wrong} cells.",
        "undecided": (
            "The tables hold no clear answer: right in {n_right} cells, wrong in {n_wrong}, neither in {n_open}."
        ),
    },
)
