"""The LSTM with i = 1 - f: drives f, g, o; then tanh C."""
# ruff: noqa: ANN001, ANN201, D103 (numba infers the types; the base says what both do)

from __future__ import annotations

from whylstm.training.compiled_cells._loops import jit, logistic_in, tanh_in
from whylstm.training.compiled_cells._memory import exposed, exposed_back
from whylstm.training.compiled_cells.base import Kernel


@jit
def update(tape, h0, h1, c0, c1, own):
    f, g, o = tape[0], tape[1], tape[2]
    logistic_in(f)
    tanh_in(g)
    logistic_in(o)
    for m in range(len(f)):
        c1[m] = f[m] * c0[m] + (1 - f[m]) * g[m]
    exposed(h1, o, tape[3], c1)


@jit
def pull(tape, h0, h1, c0, back, delta, place, own, d_own):
    h, c = back[0], back[1]
    f, g, o = tape[0], tape[1], tape[2]
    d_f, d_g = delta[0, place], delta[1, place]
    exposed_back(h, c, delta[2, place], o, tape[3])
    for m in range(len(f)):
        d_f[m] = c[m] * (c0[m] - g[m]) * f[m] * (1 - f[m])
    for m in range(len(f)):
        d_g[m] = c[m] * (1 - f[m]) * (1 - g[m] * g[m])
    for m in range(len(f)):
        c[m] *= f[m]


KERNEL = Kernel(update, pull)
