"""The LSTM: drives i, f, g, o; then tanh C."""
# ruff: noqa: ANN001, ANN201, D103 (numba infers the types; the base says what both do)

from __future__ import annotations

from whylstm.training.compiled_cells._loops import jit, logistic_in, tanh_in
from whylstm.training.compiled_cells._memory import exposed, exposed_back, gates_back
from whylstm.training.compiled_cells.base import Kernel


@jit
def update(tape, h0, h1, c0, c1, own):
    i, f, g, o = tape[0], tape[1], tape[2], tape[3]
    logistic_in(i)
    logistic_in(f)
    tanh_in(g)
    logistic_in(o)
    for m in range(len(i)):
        c1[m] = f[m] * c0[m] + i[m] * g[m]
    exposed(h1, o, tape[4], c1)


@jit
def pull(tape, h0, h1, c0, back, delta, place, own, d_own):
    h, c = back[0], back[1]
    f, o = tape[1], tape[3]
    exposed_back(h, c, delta[3, place], o, tape[4])
    gates_back(tape, c0, c, delta, place)
    for m in range(len(f)):
        c[m] *= f[m]


KERNEL = Kernel(update, pull)
