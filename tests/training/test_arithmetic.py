"""Compiled exp, logistic and tanh: as good as their precision allows, everywhere."""

import numpy as np
import pytest
from numba import njit

from whylstm.training.arithmetic import SAFE, logistic, tanh


@njit(fastmath=SAFE, error_model="numpy")
def compiled_logistic(x, out):
    for place in range(len(x)):
        out[place] = logistic(x[place])


@njit(fastmath=SAFE, error_model="numpy")
def compiled_tanh(x, out):
    for place in range(len(x)):
        out[place] = tanh(x[place])


CASES = {
    "logistic": (compiled_logistic, lambda x: 1 / (1 + np.exp(-x))),
    "tanh": (compiled_tanh, np.tanh),
}


def applied(function, x):
    out = np.empty_like(x)
    function(x, out)
    return out


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", CASES)
def test_the_error_is_a_few_units_in_the_last_place(name, dtype):
    function, exact = CASES[name]
    x = np.concatenate([np.linspace(-80, 80, 200_001), np.linspace(-1, 1, 100_001), np.logspace(-30, -3, 1000)])
    x = x.astype(dtype)
    truth = exact(x.astype(np.longdouble))
    error = np.abs(applied(function, x) - truth) / np.spacing(np.abs(truth).astype(dtype))
    assert error.max() < 4  # exp carries 1-2 units from its argument's reduction, the quotient adds one


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_ends(dtype):
    x = np.array([np.nan, np.inf, -np.inf, 1000, -1000, 0], dtype)
    np.testing.assert_array_equal(applied(compiled_tanh, x), np.array([np.nan, 1, -1, 1, -1, 0], dtype))
    ends = applied(compiled_logistic, x)
    np.testing.assert_array_equal(ends[[0, 1, 3, 5]], np.array([np.nan, 1, 1, 0.5], dtype))
    assert np.all((ends[[2, 4]] >= 0) & (ends[[2, 4]] < 1.3e-38))  # the smallest normal float32, or less


@pytest.mark.parametrize("name", CASES)
def test_a_number_has_the_same_image_at_every_place(name):
    x = np.linspace(-5, 5, 203).astype(np.float32)
    whole = applied(CASES[name][0], x)
    for start in range(40):
        np.testing.assert_array_equal(applied(CASES[name][0], x[start : start + 57].copy()), whole[start : start + 57])
