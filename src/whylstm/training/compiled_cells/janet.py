"""JANET: drives f, g; then i = σ(β - f). Own number: β, not trained."""
# ruff: noqa: ANN001, ANN201, D103 (numba infers the types; the base says what both do)

from __future__ import annotations

from whylstm.training.compiled_cells._loops import jit, logistic_in, tanh_in
from whylstm.training.compiled_cells.base import Kernel


@jit
def update(tape, h0, h1, c0, c1, own):
    beta = own[0]
    f, g, i = tape[0], tape[1], tape[2]
    for m in range(len(f)):
        i[m] = beta[m] - f[m]
    logistic_in(i)
    logistic_in(f)
    tanh_in(g)
    for m in range(len(f)):
        h1[m] = f[m] * h0[m] + i[m] * g[m]


@jit
def pull(tape, h0, h1, c0, back, delta, place, own, d_own):
    h = back[0]
    f, g, i = tape[0], tape[1], tape[2]
    d_f, d_g = delta[0, place], delta[1, place]
    for m in range(len(f)):
        d_f[m] = h[m] * (h0[m] * f[m] * (1 - f[m]) - g[m] * i[m] * (1 - i[m]))
    for m in range(len(f)):
        d_g[m] = h[m] * i[m] * (1 - g[m] * g[m])
    for m in range(len(f)):
        h[m] *= f[m]


KERNEL = Kernel(update, pull, own=("beta",))
