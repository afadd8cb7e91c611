"""The sLSTM: drives i, f, z, o; then C / n. The normaliser n stands after C in ``c0`` and ``c1``."""
# ruff: noqa: ANN001, ANN201, D103 (numba infers the types; the base says what both do)

from __future__ import annotations

from whylstm.training.arithmetic import exp
from whylstm.training.compiled_cells._loops import clear, jit, logistic_in, tanh_in
from whylstm.training.compiled_cells.base import Kernel


@jit
def update(tape, h0, h1, c0, c1, own):
    i, f, z, o, mean = tape[0], tape[1], tape[2], tape[3], tape[4]
    old, before, new, after = c0[: len(i)], c0[len(i) :], c1[: len(i)], c1[len(i) :]
    for m in range(len(i)):
        i[m] = exp(i[m])
    logistic_in(f)
    tanh_in(z)
    logistic_in(o)
    for m in range(len(i)):
        new[m] = f[m] * old[m] + i[m] * z[m]
    for m in range(len(i)):
        after[m] = f[m] * before[m] + i[m]
    for m in range(len(i)):
        mean[m] = new[m] / after[m]
    for m in range(len(i)):
        h1[m] = o[m] * mean[m]


@jit
def pull(tape, h0, h1, c0, back, delta, place, own, d_own):
    i, f, z, o, mean = tape[0], tape[1], tape[2], tape[3], tape[4]
    d_i, d_f, d_z, d_o = delta[0, place], delta[1, place], delta[2, place], delta[3, place]
    h, c, n = back[0], back[1], back[2]
    old, before = c0[: len(i)], c0[len(i) :]
    for m in range(len(i)):
        d_o[m] = h[m] * mean[m] * o[m] * (1 - o[m])
    for m in range(len(i)):
        h[m] *= o[m] / (f[m] * before[m] + i[m])
    for m in range(len(i)):
        c[m] += h[m]
    for m in range(len(i)):
        n[m] -= h[m] * mean[m]
    for m in range(len(i)):
        d_i[m] = i[m] * (c[m] * z[m] + n[m])
    for m in range(len(i)):
        d_f[m] = f[m] * (1 - f[m]) * (c[m] * old[m] + n[m] * before[m])
    for m in range(len(i)):
        d_z[m] = c[m] * i[m] * (1 - z[m] * z[m])
    for m in range(len(i)):
        c[m] *= f[m]
    for m in range(len(i)):
        n[m] *= f[m]
    clear(h)


KERNEL = Kernel(update, pull)
