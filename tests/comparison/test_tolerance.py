"""The rule itself."""

import math

import numpy as np
import pandas as pd
import pytest

from whylstm import records
from whylstm.comparison import regimes, tolerance

INF, NAN = math.inf, math.nan


@pytest.mark.parametrize(
    ("a", "b", "unit", "agree"),
    [
        (-3.0, -3.0 + 1e-10, "log10", True),
        (-3.0, -3.0 + 1e-8, "log10", False),
        (0.0, 5e-10, "nats per step", True),  # a logarithm near 0 is that of a number near 1
        (0.0, 5e-10, "1", False),
        (0.0, 1e-13, "1", True),
        (1e6, 1e6 + 1e-4, "steps", True),
        (INF, INF, "log10", True),
        (INF, -INF, "log10", False),
        (-INF, -1e300, "log10", False),
        (NAN, NAN, "1", True),
        (NAN, 0.0, "1", False),
    ],
)
def test_regular_numbers(a, b, unit, agree):
    for x, y in ((a, b), (b, a)):
        assert tolerance.close(np.array([x]), np.array([y]), unit)[0] == agree


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        (["median", "low", "high"], {"median": ("low", "high")}),
        (["exponent", "exponent_low", "exponent_high"], {"exponent": ("exponent_low", "exponent_high")}),
        (["value", "low", "high", "n"], {"value": ("low", "high")}),
        (["share", "low"], {}),
    ],
)
def test_intervals_are_found_by_their_names(columns, expected):
    assert {name: found for name in columns if (found := tolerance.interval(name, columns))} == expected
    ends = {end for pair in expected.values() for end in pair}
    assert {name for name in columns if tolerance.is_end(name, columns)} == ends


def test_a_median_must_lie_in_the_other_runs_interval_both_ways():
    narrow = pd.DataFrame({"median": [0.0], "low": [-0.1], "high": [0.1]})
    wide = pd.DataFrame({"median": [0.5], "low": [-2.0], "high": [2.0]})
    assert not tolerance.within(narrow, wide, "median", [])[0]
    assert tolerance.within(narrow, wide.assign(median=0.05), "median", [])[0]


def test_estimates_with_an_error_may_be_four_of_them_apart():
    a = pd.DataFrame({"value": [0.0, 0.0], "error": [0.3, 0.3]})
    b = pd.DataFrame({"value": [1.9, 2.1], "error": [0.4, 0.4]})  # √(.3² + .4²) = .5
    assert list(tolerance.within(a, b, "value", [])) == [True, False]


def test_every_table_that_is_declared_fixed_exists_and_has_no_point_column_to_ask():
    entries = records.tables()
    assert set(entries) >= regimes.FIXED
    assert all(table == "points" or "point" not in entries[table].columns for table in regimes.FIXED)


def test_settings_are_looked_up_by_what_the_row_has():
    exponents = pd.DataFrame({"cell": "tanh", "gain": [0.5, 8.0], "forget_bias": NAN, "value": [-1.0, 0.2]})
    known = regimes.Regimes({"exponents": exponents})
    rows = pd.DataFrame({"cell": ["tanh", "tanh", "lstm"], "gain": [0.5, 8.0, 0.5], "forget_bias": NAN})
    assert list(known.chaotic("spectra", rows)) == [False, True, True]  # of lstm nothing is known
    assert list(known.chaotic("spectra", rows[["cell", "forget_bias"]])) == [True, True, True]  # the worst gain counts
    assert not known.chaotic("mean_field", rows).any()


def test_a_missing_exponent_counts_as_chaotic():
    networks = pd.DataFrame({"point": ["a", "a", "b"], "replicate": [0, 1, 0], "exponent": [-1.0, NAN, -1.0]})
    known = regimes.Regimes({"networks": networks})
    assert list(known.chaotic("reach", pd.DataFrame({"point": ["a", "b", "c"]}))) == [True, False, True]
