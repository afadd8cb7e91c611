"""The loops that cells are put together from, one array written in each.

Every loop writes a single array, and reads others or that one alone: the compiler then checks that arrays do not
overlap, and uses vectors.
"""
# ruff: noqa: ANN001, ANN202 (numba infers the types)

from __future__ import annotations

from numba import njit

from whylstm.training.arithmetic import INNER, logistic, tanh

jit = njit(**INNER)


@jit
def add_product(total, a, b):
    for m in range(len(total)):
        total[m] += a[m] * b[m]


@jit
def clear(x):
    for m in range(len(x)):
        x[m] = 0


@jit
def copy(x, out):
    for m in range(len(x)):
        out[m] = x[m]


@jit
def tanh_of(x, out):
    for m in range(len(x)):
        out[m] = tanh(x[m])


@jit
def tanh_in(x):
    for m in range(len(x)):
        x[m] = tanh(x[m])


@jit
def logistic_in(x):
    for m in range(len(x)):
        x[m] = logistic(x[m])
