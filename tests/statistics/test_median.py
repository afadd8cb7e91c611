"""Order statistics: against scipy, and with values that are infinite or missing."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom, quantile_test

from whylstm.statistics import _median

NUMBERS = st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=30)


@pytest.mark.parametrize("n", [6, 7, 8, 9, 10, 15, 16, 40])
def test_interval_is_scipys(n):
    values = np.random.default_rng(n).standard_normal(n)
    ours = _median.summary(values[:, None])
    theirs = quantile_test(values, p=0.5).confidence_interval(_median.LEVEL)
    # the same order statistics of the same numbers: no rounding
    assert (float(ours["low"][0]), float(ours["high"][0])) == (theirs.low, theirs.high)


@pytest.mark.parametrize("n", range(1, 30))
def test_coverage_is_the_largest_rank_that_reaches_the_level(n):
    rank, coverage = _median.rank(n)
    inside = binom.cdf(n - rank, n, 0.5) - binom.cdf(rank - 1, n, 0.5)
    assert coverage == pytest.approx(max(inside, 0.0), abs=1e-12)  # sums of at most 30 terms of size below one
    if n >= 6:
        assert coverage >= _median.LEVEL
        assert 1 - 2 * binom.cdf(rank, n, 0.5) < _median.LEVEL
    else:
        assert rank == 1


def test_coverage_in_simulated_samples():
    draws = np.random.default_rng(2018).exponential(size=(10, 20_000))
    found = _median.summary(draws)
    inside = np.mean((found["low"] <= np.log(2)) & (np.log(2) <= found["high"]))
    # 20,000 trials of probability .9785 scatter by .001; five times that
    assert inside == pytest.approx(found["coverage"][0], abs=0.005)


@given(NUMBERS)
@settings(max_examples=60, deadline=None)
def test_median_is_that_of_pandas(values):
    assert _median.median(np.array(values)[:, None])[0] == pytest.approx(pd.Series(values).median(), abs=1e-9)


@given(NUMBERS, st.floats(0.01, 1.0))
@settings(max_examples=60, deadline=None)
def test_quantile_is_the_first_value_that_enough_values_do_not_exceed(values, share):
    found = _median.quantile(np.array(values)[:, None], share)[0]
    assert found in values
    assert np.mean(np.array(values) <= found) >= share - 1e-9
    assert np.mean(np.array(values) < found) < share + 1e-9


def test_exact_zeros_survive():
    zero = -np.inf
    values = np.array([[zero, zero], [zero, 1.0], [3.0, 2.0], [4.0, zero]])
    found = _median.summary(values)
    assert list(found["median"]) == [zero, zero]
    assert list(found["low"]) == [zero, zero]
    assert list(found["high"]) == [4.0, 2.0]
    assert _median.quantile(values, 0.5)[0] == zero


def test_two_equal_infinities_have_a_median():
    assert _median.median(np.array([[np.inf], [np.inf]]))[0] == np.inf


def test_missing_values_are_left_out_and_counted():
    found = _median.summary(np.array([[1.0, np.nan], [np.nan, np.nan], [3.0, np.nan]]))
    assert list(found["n"]) == [2, 0]
    assert found["median"][0] == 2.0
    assert np.isnan(found["median"][1])
    assert list(found["coverage"]) == [0.5, 0.0]


def test_no_replicate_at_all_is_no_value():
    found = _median.summary(np.empty((0, 2)))
    assert np.isnan(found["median"]).all()
    assert list(found["n"]) == [0, 0]
