"""Each verdict follows from numbers by its rule, and each can be reached."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from whylstm.diagnosis import verdicts
from whylstm.diagnosis.exponents import Exponent
from whylstm.diagnosis.reach import effective_memory, input_memory


@pytest.mark.parametrize(
    ("decades", "value", "error", "word"),
    [
        (-5.0, -0.1, 0.01, "vanishes"),
        (-5.0, -0.1, 0.06, "unclear"),
        (-5.0, 0.1, 0.01, "unclear"),
        (5.0, 0.1, 0.01, "explodes"),
        (5.0, 0.1, 0.06, "unclear"),
        (5.0, -0.1, 0.01, "unclear"),
        (0.9, 0.1, 0.01, "keeps"),
        (-1.0, -0.1, 0.01, "keeps"),
        (-math.inf, -math.inf, 0.0, "vanishes"),
        (math.nan, -math.inf, 0.0, "vanishes"),
    ],
)
def test_direction(decades, value, error, word):
    assert verdicts.direction(decades, Exponent(value, error, 0.0, 100)) == word


@pytest.mark.parametrize(("decades", "word"), [(-1.1, "vanishes"), (1.1, "explodes"), (0.0, "keeps")])
def test_direction_without_an_exponent_rests_on_the_norm_alone(decades, word):
    assert verdicts.direction(decades, None) == word


@pytest.mark.parametrize(
    ("share", "word"),
    [(1.2, "nearly all"), (0.9, "nearly all"), (0.89, "most"), (0.5, "most"), (0.1, "part"), (0.09, "almost none")],
)
def test_carry_words(share, word):
    assert verdicts.carry_word(share) == word


def table(*rows):
    """Return a table of changes from (name, growth, error, memory, decades)."""
    columns = ["change", "growth", "error", "memory", "decades"]
    return pd.DataFrame(rows, columns=columns).assign(broken=math.nan, carry_mean=0.5)


NAN = math.nan


@pytest.mark.parametrize(
    ("rows", "best"),
    [
        ([("as it is", -0.5, 0.01, 3, -20), ("a", -0.1, 0.01, 9, -4), ("b", -0.2, 0.01, 5, -8)], "a"),
        ([("as it is", -0.5, 0.01, 3, -20), ("a", 0.1, 0.01, 90, 4), ("b", -0.2, 0.01, 5, -8)], "b"),
        ([("as it is", -0.5, 0.01, 3, -20), ("a", 0.01, 0.01, NAN, 0), ("b", -0.2, 0.01, 5, -8)], "a"),
        ([("as it is", -0.5, 0.01, 3, -20), ("a", -0.9, 0.01, 2, -40)], None),
        ([("as it is", -0.001, 0.001, NAN, 0), ("a", -0.002, 0.001, NAN, 0)], None),
        ([("as it is", 0.5, 0.01, NAN, 20), ("a", -0.1, 0.01, 9, -4), ("b", -0.2, 0.01, 5, -8)], "a"),
        ([("as it is", 0.5, 0.01, NAN, 20), ("a", 0.01, 0.01, NAN, 4), ("b", -0.2, 0.01, 5, -8)], "b"),
        ([("as it is", 0.5, 0.01, NAN, 20), ("a", 0.01, 0.01, NAN, 0), ("b", 0.001, 0.01, NAN, 0)], "b"),
        ([("as it is", -0.002, 0.001, 90, -0.5), ("gain x 0.5", -0.001, 0.001, NAN, 0)], None),  # it keeps its size
        ([("as it is", 0.005, 0.001, NAN, 0.6), ("gain x 0.5", -0.001, 0.001, NAN, 0)], None),
        ([("as it is", 0.5, 0.01, NAN, 20), ("a", 0.1, 0.01, NAN, 4)], None),
        ([("as it is", NAN, NAN, 3, -20), ("a", NAN, NAN, 9, -4), ("b", NAN, NAN, NAN, 9)], "a"),
    ],
)
def test_the_recommended_change_reaches_furthest_without_growth(rows, best):
    assert verdicts.recommended(table(*rows)) == best


def test_a_change_whose_state_overflows_is_not_recommended():
    rows = table(("as it is", -0.5, 0.01, 3, -20), ("a", NAN, NAN, NAN, NAN)).assign(broken=[NAN, 7])
    assert verdicts.recommended(rows) is None


def test_memories():
    assert effective_memory([0.0, -0.43, -0.44]) == 3  # log10 e = 0.4343
    assert effective_memory([0.0, -0.43, -0.43]) is None
    assert effective_memory([5.0, 4.0]) == 2
    assert input_memory([0.0, -0.44]) == 1
    assert effective_memory([-math.inf, -math.inf]) == 1
    assert input_memory([-math.inf, -math.inf]) == 0
