"""The minLSTM: drives f, i, n, which see a alone; then f / (f + i)."""
# ruff: noqa: ANN001, ANN201, D103 (numba infers the types; the base says what both do)

from __future__ import annotations

from whylstm.training.compiled_cells._loops import jit, logistic_in
from whylstm.training.compiled_cells.base import Kernel


@jit
def update(tape, h0, h1, c0, c1, own):
    f, i, n, share = tape[0], tape[1], tape[2], tape[3]
    logistic_in(f)
    logistic_in(i)
    for m in range(len(f)):
        share[m] = f[m] / (f[m] + i[m])
    for m in range(len(f)):
        h1[m] = share[m] * h0[m] + (1 - share[m]) * n[m]


@jit
def pull(tape, h0, h1, c0, back, delta, place, own, d_own):
    h = back[0]
    f, i, n, share = tape[0], tape[1], tape[2], tape[3]
    d_f, d_i, d_n = delta[0, place], delta[1, place], delta[2, place]
    for m in range(len(f)):
        d_f[m] = h[m] * (h0[m] - n[m]) * share[m] * (1 - share[m])
    for m in range(len(f)):
        d_i[m] = -d_f[m] * (1 - i[m])
    for m in range(len(f)):
        d_f[m] *= 1 - f[m]
    for m in range(len(f)):
        d_n[m] = h[m] * (1 - share[m])
    for m in range(len(f)):
        h[m] *= share[m]


KERNEL = Kernel(update, pull)
