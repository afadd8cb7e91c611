"""Tables of a measured network against a second route: powers and eigenvalues of its matrix, without the engine."""

import numpy as np
import pytest

from whylstm import statistics
from whylstm.study import simulate
from whylstm.study.design import Point

LAGS, HIDDEN = 60, 5
POINT = Point("linear", "gaussian", 0.7, None, 1.0, HIDDEN, LAGS, "noise", LAGS, 1, 8)


@pytest.fixture(scope="module")
def measured():
    inputs = np.random.default_rng(5).standard_normal((LAGS, 2))
    return simulate.measure(POINT, seed=1, replicate=0, inputs=inputs)


@pytest.fixture(scope="module")
def matrix():
    return simulate.draw_weights(POINT, seed=1, replicate=0, features=2)["U"][0, 0].numpy()


def test_the_profile_of_a_linear_cell_is_the_power_of_its_matrix(measured, matrix):
    found = statistics.load("lag_profile").of_point(measured).set_index(["quantity", "lag"])["median"]
    for lag in (1, 2, 10, 60):
        expected = np.log10(np.linalg.norm(np.linalg.matrix_power(matrix, lag)))
        # sixty products in float64: relative 60 * 1e-16 times a condition number of a few hundred
        assert found["norm", lag] == pytest.approx(expected, abs=1e-10)


def test_its_bound_is_the_largest_singular_value_and_is_kept(measured, matrix):
    found = statistics.load("networks").of_point(measured).iloc[0]
    assert found["norm_bound"] == pytest.approx(np.log10(np.linalg.norm(matrix, 2)), abs=1e-12)
    assert found["bound_excess"] <= 1e-12
    radius = np.abs(np.linalg.eigvals(matrix)).max()
    # between lags 30 and 60 a complex pair can move the norm by its condition number, a few nats over thirty steps
    assert found["exponent"] == pytest.approx(np.log(radius), abs=0.1)


def test_without_a_carry_every_path_has_as_many_hops_as_steps(measured):
    found = statistics.load("hop_spectrum").of_point(measured).set_index(["lag", "hop"])["share"]
    assert found[5, "5"] == 1.0
    assert found[5, "4"] == 0.0
    assert found[20, "rest"] == 1.0
