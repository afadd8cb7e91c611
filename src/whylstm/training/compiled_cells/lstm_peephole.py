"""The LSTM whose gates see C: drives i, f, g, o; then tanh C. Own numbers: p_i, p_f, p_o."""
# ruff: noqa: ANN001, ANN201, D103 (numba infers the types; the base says what both do)

from __future__ import annotations

from whylstm.training.compiled_cells._loops import add_product, jit, logistic_in, tanh_in
from whylstm.training.compiled_cells._memory import exposed, exposed_back, gates_back
from whylstm.training.compiled_cells.base import Kernel


@jit
def update(tape, h0, h1, c0, c1, own):
    i, f, g, o = tape[0], tape[1], tape[2], tape[3]
    add_product(i, own[0], c0)
    add_product(f, own[1], c0)
    logistic_in(i)
    logistic_in(f)
    tanh_in(g)
    for m in range(len(i)):
        c1[m] = f[m] * c0[m] + i[m] * g[m]
    add_product(o, own[2], c1)
    logistic_in(o)
    exposed(h1, o, tape[4], c1)


@jit
def pull(tape, h0, h1, c0, back, delta, place, own, d_own):
    h, c = back[0], back[1]
    i, f, g, o = tape[0], tape[1], tape[2], tape[3]
    d_i, d_f, d_o = delta[0, place], delta[1, place], delta[3, place]
    exposed_back(h, c, d_o, o, tape[4])
    add_product(c, own[2], d_o)
    gates_back(tape, c0, c, delta, place)
    add_product(d_own[0], d_i, c0)
    add_product(d_own[1], d_f, c0)
    for m in range(len(i)):
        d_own[2, m] += d_o[m] * (f[m] * c0[m] + i[m] * g[m])
    for m in range(len(i)):
        c[m] = c[m] * f[m] + d_i[m] * own[0, m] + d_f[m] * own[1, m]


KERNEL = Kernel(update, pull, own=("p_i", "p_f", "p_o"))
