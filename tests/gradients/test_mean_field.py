"""Mean-field theory against adaptive quadrature, closed forms, and its own Monte Carlo route."""

import itertools
import math

import numpy as np
import pytest
from scipy.integrate import quad

from whylstm import cells
from whylstm.gradients.mean_field import second_moment_growth, tanh_fixed_point

SETTINGS = [
    (0.5, 0.2),
    (1.2, 0.0),
    (1.5, 0.3),
    (2.0, 0.0),
    (4.0, 1.0),
    (8.0, 1.0),
    (20.0, 1.0),
    (300.0, 2.0),
    (1.0, 1e4),
]


def mean(function, variance):
    """Return E F(u), u ~ N(0, variance), for an even F, by adaptive quadrature from bend to bend."""
    ends = [0.0, *(end for end in (1.0, 3.0, 10.0, 40.0) if end < 12 * variance**0.5), 12 * variance**0.5]
    density = 1 / math.sqrt(2 * math.pi * variance)
    pieces = (
        quad(lambda u: function(u) * math.exp(-u * u / 2 / variance), low, high, epsabs=1e-14, epsrel=1e-12, limit=500)
        for low, high in itertools.pairwise(ends)
    )
    return 2 * density * sum(value for value, _ in pieces)


@pytest.mark.parametrize(("gain", "variance"), SETTINGS)
def test_the_fixed_point_is_fixed_and_its_growth_is_the_integral(gain, variance):
    found = tanh_fixed_point(gain, variance)
    q = gain**2 * mean(lambda u: math.tanh(u) ** 2, found.variance) + variance
    growth = gain**2 * mean(lambda u: (1 - math.tanh(u) ** 2) ** 2, found.variance)
    assert q == pytest.approx(found.variance, rel=1e-9)
    assert growth == pytest.approx(found.growth, rel=1e-9)


def test_a_large_variance_leaves_the_bend_alone():
    """For q -> ∞ only the density at zero counts: χ -> σ_w² (∫ sech⁴) / √(2πq), and ∫ sech⁴ = 4/3."""
    found = tanh_fixed_point(1.0, 1e10)
    assert found.growth == pytest.approx(4 / 3 / math.sqrt(2 * math.pi * found.variance), rel=1e-8)


@pytest.mark.parametrize("gain", [0.0, 0.3, 1.0])
def test_without_drive_a_small_network_is_linear(gain):
    found = tanh_fixed_point(gain, 0.0)
    assert (found.variance, found.growth) == (0.0, gain**2)


def test_the_sign_of_the_exponent_changes_at_gain_one_without_drive():
    """Sompolinsky, Crisanti & Sommers 1988; just above it, q = (1 - 1/σ_w²)/2 and χ = 1 + O((σ_w - 1)²)."""
    above, below = tanh_fixed_point(1.001, 0.0), tanh_fixed_point(0.999, 0.0)
    assert below.exponent < 0 < above.exponent < 1e-5
    assert above.variance == pytest.approx((1 - 1.001**-2) / 2, rel=1e-2)
    assert tanh_fixed_point(1.0, 0.0).depth == math.inf


@pytest.mark.parametrize("gain", [0.5, 2.0, 8.0])
def test_both_routes_agree_where_the_drive_has_a_constant_variance(gain):
    inputs = np.sign(np.random.default_rng(0).standard_normal((200, 16)))  # |x|² is the same at every step
    sampled = second_moment_growth(cells.load("tanh"), gain, None, 1.0, inputs)
    # 4096 units along 150 steps; the state's variance scatters by a percent and χ with it.
    assert sampled == pytest.approx(tanh_fixed_point(gain, 1.0).exponent, abs=0.02)
