"""Profiles as arrays, whatever the order of their rows and however many windows are missing."""

import itertools

import numpy as np
import pytest

from tests.statistics import frames
from whylstm.statistics import _cube


def test_rows_may_come_in_any_order():
    rows = frames.binomial()
    shuffled = _cube.cube(rows.sample(frac=1, random_state=3))
    np.testing.assert_array_equal(shuffled.values["norm"], _cube.cube(rows).values["norm"])


def test_every_value_stands_at_its_place():
    cube = _cube.cube(frames.grid(2, 3, 4).assign(norm=lambda f: 100.0 * f["replicate"] + 10 * f["window"] + f["lag"]))
    assert cube.values["norm"].shape == (2, 3, 4)
    assert cube.values["norm"][1, 2, 3] == 124.0


def test_a_missing_window_is_left_out_of_the_median():
    rows = frames.grid(1, 3, 2).assign(norm=lambda f: f["window"].astype(float))
    cube = _cube.cube(rows[rows["window"] < 2])
    assert _cube.over_windows(cube.values["norm"]).tolist() == [[0.5, 0.5]]


def test_a_replicate_without_windows_is_not_there():
    rows = frames.binomial(replicates=4)
    cube = _cube.cube(rows[rows["replicate"] != 2])
    assert cube.replicates.tolist() == [0, 1, 3]


def test_no_window_at_all():
    assert _cube.cube(frames.binomial().iloc[:0]).lags == 0


@pytest.mark.parametrize("lags", [1, 2, 7, 60, 200, 1000])
def test_shown_lags_rise_and_end_with_the_largest(lags):
    shown = _cube.shown(lags)
    assert shown == sorted(set(shown))
    assert (shown[0], shown[-1]) == (1, lags)
    # on a log axis no gap is wider than a factor of two, the step from lag 1 to lag 2
    assert all(after <= 2 * before for before, after in itertools.pairwise(shown))


def test_round_lags_are_the_same_in_every_study():
    """Profiles with different largest lags can be compared: beside K and K/2, they share their lags."""
    assert set(_cube.shown(60)) - {60, 30} <= set(_cube.shown(1000))


def test_ratio_of_zeros():
    upper, lower = np.array([-np.inf, -np.inf, 0.0, 2.0]), np.array([-np.inf, 1.0, -np.inf, 0.5])
    found = _cube.ratio(upper, lower)
    assert np.isnan(found[[0, 2]]).all()
    assert found[1] == -np.inf
    assert found[3] == 1.5
