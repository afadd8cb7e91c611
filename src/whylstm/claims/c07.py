"""C7: multiplied out, the article's product contains a term that goes through the memory at every step.

True of any product of sums: Π (M_i + O_i) has 2^k terms and Π M_i is one of them. The measurement adds up all 2^k
terms, the detour first, and compares with the product. What the term is worth is C8's matter. Thresholds:
:mod:`whylstm.claims._scale`, *equal* and *different*.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from whylstm.claims import _identities
from whylstm.claims.base import Claim, Measure, Number

if TYPE_CHECKING:
    from whylstm.claims.base import Tables, Verdict


def measure(tables: Tables) -> Measure:
    """Return the error of the sum of all terms, and how many terms there are."""
    found = _identities.equation(tables, "product_in_terms")
    lag = None if found.rows.empty else int(found.rows["lag"].max())
    numbers = {
        "error": found.error("relative error of the sum of all terms against the product: median (range)"),
        "lag": Number(lag, "lag at which the product was multiplied out", "steps", form="count"),
        "terms": Number(None if lag is None else 2**lag, "terms at that lag", "terms", form="count"),
    }
    return Measure({**numbers, **_identities.cells(found)}, _identities.words(found))


def judge(measure: Measure) -> Verdict:
    """Return the verdict on the sum of all terms."""
    return _identities.verdict(measure["n_right"], measure["n_wrong"], measure["n_open"])


CLAIM = Claim(
    id="C7",
    place="Section 2, the item that is found",
    paraphrase="Multiplied out, the LSTM's product contains a term that goes through the memory at every step.",
    statistic="Relative error of the sum of all 2^k terms, that term among them, against the product, float64",
    rule=(
        "A cell counts as right if the error is at most 1e-8 in every replicate, as wrong if at least 1e-3 in every "
        "one. Right in all cells with a memory: holds; wrong in all: refuted; both occur: holds under conditions; else "
        "undecided."
    ),
    conditions="The term belongs to the article's product over h, which is not the derivative (C3), and is one of 2^k.",
    tables=(_identities.TABLE,),
    number="error",
    figure="fig03_paths_and_product",
    measure=measure,
    judge=judge,
    titles={
        "holds": "The term is there, one of 2^k",
        "holds under conditions": "The term is there in some cells only",
        "refuted": "The term is not in the product",
        "undecided": "Whether the term is in the product stays open",
    },
    sentences={
        "holds": (
            "An identity: with that term, the {terms} terms at lag {lag} add up to the article's product within "
            "{error} ({right})."
        ),
        "holds under conditions": (
            "The terms add up to the product for {right}, and do not for {wrong} (median error {error})."
        ),
        "refuted": "The terms miss the product by {error} ({error.span}) of its size at lag {lag}.",
        "undecided": (
            "The tables hold no clear answer: right in {n_right} cells, wrong in {n_wrong}, neither in {n_open}."
        ),
    },
)
