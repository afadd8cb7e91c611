"""C2: each step's gradient splits into one part per earlier step at which the parameters acted.

Right, if the last factor is the immediate partial derivative (the state before it held fixed; Pascanu et al. 2013 write
∂⁺) and if the part of the step itself, lag 0, is among them. The article drops the mark in its first section and lag 0
in its last sum, so both forms are measured. Thresholds: :mod:`whylstm.claims._scale`, *equal* and *different*.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from whylstm.claims import _identities
from whylstm.claims.base import Claim, Measure, Number

if TYPE_CHECKING:
    from whylstm.claims.base import Tables, Verdict


def measure(tables: Tables) -> Measure:
    """Return the errors of the split with lag 0 and of the article's last sum, which has none."""
    whole = _identities.equation(tables, "sum_over_lags")
    printed = _identities.equation(tables, "sum_without_lag_0")
    numbers = {
        "error": whole.error("relative error of the split with lag 0: median (range) over cells and replicates"),
        "error_without_lag_0": printed.error("relative error of the same sum from lag 1: median (range)"),
        "n_same": Number(len(printed.right), "cells in which the sum from lag 1 is right too", "cells", form="count"),
        "n_printed": Number(sum(printed.numbers), "cells in which the sum from lag 1 was tried", "cells", form="count"),
    }
    return Measure({**numbers, **_identities.cells(whole)}, _identities.words(whole))


def judge(measure: Measure) -> Verdict:
    """Return the verdict on the split; where it holds, the sum without lag 0 must hold as well."""
    whole = _identities.verdict(measure["n_right"], measure["n_wrong"], measure["n_open"])
    if whole != "holds":
        return whole
    if not measure["n_printed"]:
        return "undecided"
    return "holds" if measure["n_same"] == measure["n_printed"] else "holds under conditions"


CLAIM = Claim(
    id="C2",
    place="Section 1, second equation; section 2, last equation",
    paraphrase=(
        "The gradient of one step's loss is a sum of parts, one for each earlier step at which the parameters acted."
    ),
    statistic="Relative error of the split over lags against backpropagation, with lag 0 and without, float64",
    rule=(
        "A cell counts as right at an error of at most 1e-8 in every replicate, as wrong at 1e-3 or more. With lag 0 "
        "and the immediate partial: wrong in all cells refutes, right in some is a condition. If it is right in all: "
        "holds if the article's last sum, which starts at lag 1, is right in all cells too; under conditions if it is "
        "not."
    ),
    conditions=(
        "∂⁺ is the immediate partial derivative, the state before it held fixed, and the sum starts at lag 0; of "
        "an LSTM's state both parts, h and C, take part."
    ),
    tables=(_identities.TABLE,),
    number="error_without_lag_0",
    figure="fig09_parameter_gradient_by_lag",
    measure=measure,
    judge=judge,
    titles={
        "holds": "The gradient splits over lags",
        "holds under conditions": "The gradient splits over lags, once lag 0 is among them",
        "refuted": "The gradient does not split over lags",
        "undecided": "Whether the gradient splits over lags stays open",
    },
    sentences={
        "holds": "An identity: the parts add up to the gradient within {error} of its size, with or without lag 0.",
        "holds under conditions": (
            "With the immediate partial and lag 0 the parts add up within {error} of the gradient's size (right for "
            "{right}). The article's last sum starts at lag 1 and misses {error_without_lag_0} of it "
            "({error_without_lag_0.span})."
        ),
        "refuted": "The parts miss the gradient by {error} ({error.span}) of its size in all {n_wrong} cells.",
        "undecided": (
            "The tables hold no clear answer: right in {n_right} cells, wrong in {n_wrong}, neither in {n_open}."
        ),
    },
)
