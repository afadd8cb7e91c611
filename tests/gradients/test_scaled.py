"""Matrices with a power of two beside them: exact where the plain number is finite, and right where it is not."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tests.cases import normal
from whylstm.gradients.scaled import Scaled

DTYPES = (torch.float64, torch.float32)
MATRICES = st.integers(0, 10**6).map(lambda seed: normal("scaled", (3, 4), seed))


def value(scaled: Scaled) -> np.ndarray:
    """Return the plain matrices: exact, or zero or infinite where float64 ends."""
    exponent = np.nan_to_num(scaled.exponent.numpy(), neginf=0).astype(int)[..., None, None]
    # In two steps, so that a mantissa of 1/2 may meet 2**1024.
    return np.ldexp(np.ldexp(scaled.mantissa.double().numpy(), exponent // 2), exponent - exponent // 2)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("power", [-1074, -1000, -149, -126, 0, 127, 1000, 1023])
def test_wrapping_changes_no_digit(dtype, power):
    """From the smallest to the largest number of the precision: the mantissa is in range, the value the same."""
    matrix = torch.tensor([[1.0, -0.75], [0.0, 0.5]], dtype=torch.float64)
    plain = torch.from_numpy(np.ldexp(matrix.numpy(), power)).to(dtype)
    scaled = Scaled.of(plain)
    assert np.array_equal(value(scaled), plain.double().numpy())
    largest = float(scaled.mantissa.abs().max())
    assert plain.isinf().any() or largest == 0 or 0.5 <= largest < 1


@given(MATRICES, st.integers(-5000, 5000))
def test_the_norm_is_that_of_mantissa_and_exponent(matrix, exponent):
    scaled = Scaled(matrix, torch.tensor(float(exponent)))
    expected = math.log10(math.sqrt(math.fsum(x * x for x in matrix.flatten().tolist()))) + exponent * math.log10(2)
    # log₁₀ of order 1e3 in float64: an ulp is 2e-13.
    assert float(scaled.rescaled().log10_norm()) == pytest.approx(expected, abs=1e-12)
    assert float(scaled.log10_norm()) == pytest.approx(expected, abs=1e-12)


@given(MATRICES, MATRICES, st.integers(-40, 40))
def test_sums_are_plain_sums(left, right, power):
    """Bit for bit: an addition that does not overflow knows nothing of a common power of two."""
    right = right * 2.0**power
    assert np.array_equal(value(Scaled.of(left) + Scaled.of(right)), (left + right).numpy())
    assert np.array_equal(value(Scaled.of(left) - Scaled.of(right)), (left - right).numpy())


@given(MATRICES, MATRICES, st.integers(-5000, 5000))
def test_sums_do_not_depend_on_the_scale(left, right, exponent):
    shift = torch.tensor(float(exponent))
    moved = Scaled(left, shift).rescaled() + Scaled(right, shift).rescaled()
    here = Scaled.of(left) + Scaled.of(right)
    assert torch.equal(moved.mantissa, here.mantissa) and moved.exponent == here.exponent + exponent


@pytest.mark.parametrize("dtype", DTYPES)
def test_what_is_negligible_changes_nothing(dtype):
    one, tiny = torch.eye(2, dtype=dtype), Scaled(torch.ones(2, 2, dtype=dtype), torch.tensor(-9000.0))
    for total in (Scaled.of(one) + tiny, tiny + Scaled.of(one), Scaled.of(one) - tiny):
        assert torch.equal(total.mantissa, one / 2) and total.exponent == 1


@pytest.mark.parametrize("dtype", DTYPES)
def test_zero_is_zero_and_not_undefined(dtype):
    zero, one = Scaled.of(torch.zeros(2, 2, dtype=dtype)), Scaled.of(torch.eye(2, dtype=dtype))
    for nothing in (zero, zero + zero, zero - zero, one - one):
        assert nothing.exponent == -torch.inf and not nothing.mantissa.any()
        assert nothing.log10_norm() == -torch.inf
    for something in (zero + one, one + zero, one - zero):
        assert torch.equal(something.mantissa, one.mantissa) and something.exponent == one.exponent


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_what_is_not_finite_stays_so_and_stays_alone(bad):
    matrices = torch.eye(2).repeat(3, 1, 1)
    matrices[1, 0, 0] = bad
    norms = (Scaled.of(matrices) + Scaled.of(torch.ones(3, 2, 2))).log10_norm()
    assert not norms[1].isfinite() and norms[1] != -torch.inf
    assert torch.equal(norms[[0, 2]], (Scaled.of(matrices[[0, 2]]) + Scaled.of(torch.ones(2, 2, 2))).log10_norm())


@pytest.mark.parametrize("dtype", DTYPES)
def test_a_long_product_has_the_digits_of_the_plain_one(dtype):
    """Rescaled after each of 40 factors or never: the same bits, as long as the plain product is a number."""
    factors = normal("factors", (40, 5, 5), 0).to(dtype)
    plain, scaled = torch.eye(5, dtype=dtype), Scaled.of(torch.eye(5, dtype=dtype))
    for factor in factors:
        plain = plain @ factor
        scaled = Scaled(scaled.mantissa @ factor, scaled.exponent).rescaled()
    assert np.array_equal(value(scaled), plain.double().numpy())


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("size", [1e-30, 1e30])
def test_a_product_goes_far_beyond_the_range(dtype, size):
    """(x I)^1000 with x = 1e±30: a norm of 1e±30000, times √2."""
    scaled = Scaled.of(torch.eye(2, dtype=dtype))
    for _ in range(1000):
        scaled = Scaled(scaled.mantissa * torch.tensor(size, dtype=dtype), scaled.exponent).rescaled()
    # 1000 roundings of a relative eps each, half of it for the stored factor: eps · 1000 / ln 10.
    allowed = 1000 * torch.finfo(dtype).eps / math.log(10) + 1e-10
    assert float(scaled.log10_norm()) == pytest.approx(1000 * math.log10(size) + math.log10(2) / 2, abs=allowed)
