"""exp, logistic and tanh for compiled kernels: in float32 as polynomials that a vectorising compiler can take whole.

float32: the polynomials interpolate at Chebyshev nodes; what they leave out is below 1e-9, so that the error is that of
float32 itself, at most 2 units in the last place (``tests/training/test_arithmetic.py`` measures it). NaN stays NaN.
float64: the functions of the C library, one number at a time.

The float32 functions do not depend on a library's version: they are sums and products in a fixed order.
"""
# ruff: noqa: ANN001, ANN201, ANN202 (numba infers the types)

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit, types
from numba.extending import overload

SAFE = {"contract", "nsz"}
"""What the compiler may assume: that a product and a sum may be fused, and that the sign of zero does not matter."""

INNER: Any = {
    "nogil": True,
    "error_model": "numpy",
    "fastmath": SAFE,
    "no_cpython_wrapper": True,
    "no_cfunc_wrapper": True,
}
"""How functions are compiled that only compiled code calls."""

_f = np.float32
_LOG2_E = _f(1.4426950408889634)
_LN2_HIGH, _LN2_LOW = _f(0.693359375), _f(-2.1219444005469057e-4)  # the first has few digits: n times it is exact
_LOWEST, _HIGHEST = _f(-87.33), _f(88.72)  # beyond them exp leaves the normal numbers of float32
# (exp(r) - 1 - r) / r² for |r| ≤ ln(2)/2
_E2, _E3, _E4 = _f(0.5000000013457727), _f(0.16666666681614198), _f(0.0416664650060378)
_E5, _E6, _E7 = _f(0.008333310934464376), _f(0.0013933641032201694), _f(0.0001989098086112575)
# (tanh(x) - x) / x³ as a polynomial in x², for |x| ≤ .625
_NEAR = _f(0.625)
_T3, _T5, _T7 = _f(-0.3333333317213791), _f(0.13333303556828557), _f(-0.053959259567305434)
_T9, _T11, _T13 = _f(0.021768918601717067), _f(-0.008343945403462245), _f(0.0022927447202695807)


@njit(fastmath=SAFE, error_model="numpy")
def _exp32(x):
    x = _LOWEST if x < _LOWEST else x
    x = _HIGHEST if x > _HIGHEST else x
    n = np.floor(x * _LOG2_E + _f(0.5))
    r = (x - n * _LN2_HIGH) - n * _LN2_LOW
    p = ((((_E7 * r + _E6) * r + _E5) * r + _E4) * r + _E3) * r + _E2
    power = np.int32((np.int32(n) + np.int32(127)) << np.int32(23)).view(np.float32)
    return (p * (r * r) + (r + _f(1))) * power


@njit(fastmath=SAFE, error_model="numpy")
def _logistic32(x):
    return _f(1) / (_f(1) + _exp32(-x))


@njit(fastmath=SAFE, error_model="numpy")
def _tanh32(x):
    z = x * x
    p = ((((_T13 * z + _T11) * z + _T9) * z + _T7) * z + _T5) * z + _T3
    near = x + x * z * p
    size = -x if x < _f(0) else x
    far = _f(1) - _f(2) / (_exp32(size + size) + _f(1))
    far = -far if x < _f(0) else far
    return far if size > _NEAR else near


@njit(error_model="numpy")
def _logistic64(x):
    return 1.0 / (1.0 + math.exp(-x))


@njit(error_model="numpy")
def _tanh64(x):
    return math.tanh(x)


def exp(x):
    """Return e to the x; only to be called from compiled code."""
    raise NotImplementedError


def logistic(x):
    """Return 1 / (1 + exp(-x)); only to be called from compiled code."""
    raise NotImplementedError


def tanh(x):
    """Return tanh x; only to be called from compiled code."""
    raise NotImplementedError


@overload(exp, inline="always")
def _exp(x):
    return (lambda x: _exp32(x)) if x == types.float32 else (lambda x: math.exp(x))


@overload(logistic, inline="always")
def _logistic(x):
    return (lambda x: _logistic32(x)) if x == types.float32 else (lambda x: _logistic64(x))


@overload(tanh, inline="always")
def _tanh(x):
    return (lambda x: _tanh32(x)) if x == types.float32 else (lambda x: _tanh64(x))
