"""C3: the derivative of a state by an earlier one is the product of the one-step derivatives between them.

The chain rule, for the *whole* state. The article carries it over to h alone, but an LSTM's state is (h, C): between
two outputs there are paths that pass through C without touching the h between, and the product over h leaves them out.
Thresholds: :mod:`whylstm.claims._scale`, *equal* and *different*.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from whylstm.claims import _identities
from whylstm.claims.base import Claim, Measure, Number
from whylstm.wording import listed

if TYPE_CHECKING:
    from whylstm.claims.base import Tables, Verdict


def measure(tables: Tables) -> Measure:
    """Return the errors of the product over whole states and of the product over outputs alone."""
    whole = _identities.equation(tables, "state_product")
    output = _identities.equation(tables, "h_product")
    numbers = {
        "error": whole.error("relative error of the product over whole states: median (range)"),
        "error_h": output.error(
            "relative error of the product over h alone, in cells where it is wrong: median (range)", output.wrong
        ),
        "n_h_right": Number(len(output.right), "cells in which h alone is enough", "cells", form="count"),
        "n_h": Number(sum(output.numbers), "cells in which the product over h was tried", "cells", form="count"),
    }
    words = {**_identities.words(whole), "h_right": listed(output.right), "h_wrong": listed(output.wrong)}
    return Measure({**numbers, **_identities.cells(whole)}, words)


def judge(measure: Measure) -> Verdict:
    """Return the verdict for whole states; where it holds, h alone must be enough as well."""
    whole = _identities.verdict(measure["n_right"], measure["n_wrong"], measure["n_open"])
    if whole != "holds":
        return whole
    if not measure["n_h"]:
        return "undecided"
    return "holds" if measure["n_h_right"] == measure["n_h"] else "holds under conditions"


CLAIM = Claim(
    id="C3",
    place="Section 1, third equation; section 2, first equation",
    paraphrase="How one state depends on an earlier one is the product of the one-step derivatives between them.",
    statistic=(
        "Relative error of the product of one-step Jacobians against differentiation of the unrolled cell, float64"
    ),
    rule=(
        "A cell counts as right at an error of at most 1e-8 in every replicate, as wrong at 1e-3 or more. For whole "
        "states: wrong in all cells refutes, right in some is a condition. If right in all: holds if the product over "
        "h alone, as the article writes it for the LSTM, is right in all cells too; under conditions if it is not."
    ),
    conditions=(
        "The product runs over the whole state: h where the state is h, (h, C) in an LSTM, and over exactly k factors."
    ),
    tables=(_identities.TABLE,),
    number="error_h",
    figure="fig03_paths_and_product",
    measure=measure,
    judge=judge,
    titles={
        "holds": "The chain rule holds, and h alone is enough",
        "holds under conditions": "The product is right for the whole state, not for h alone",
        "refuted": "The derivative is not the product of its steps",
        "undecided": "Whether the derivative is the product of its steps stays open",
    },
    sentences={
        "holds": "An identity: the product meets the derivative within {error}, over whole states and over h alone.",
        "holds under conditions": (
            "Over whole states the product is exact up to rounding ({error}). Over h alone it is exact for {h_right}; "
            "for {h_wrong} it misses the derivative by {error_h} times its size ({error_h.span})."
        ),
        "refuted": "The product over whole states misses the derivative by {error} ({error.span}) of its size.",
        "undecided": (
            "The tables hold no clear answer: right in {n_right} cells, wrong in {n_wrong}, neither in {n_open}."
        ),
    },
)
