"""The GRU: drives q, z, r_n, a_n; its reset gate stands between the last two."""
# ruff: noqa: ANN001, ANN201, D103 (numba infers the types; the base says what both do)

from __future__ import annotations

from whylstm.training.compiled_cells._loops import jit, logistic_in, tanh_in
from whylstm.training.compiled_cells.base import Kernel


@jit
def update(tape, h0, h1, c0, c1, own):
    q, z, r, n = tape[0], tape[1], tape[2], tape[3]
    logistic_in(q)
    logistic_in(z)
    for m in range(len(q)):
        n[m] += q[m] * r[m]
    tanh_in(n)
    for m in range(len(q)):
        h1[m] = (1 - z[m]) * n[m] + z[m] * h0[m]


@jit
def pull(tape, h0, h1, c0, back, delta, place, own, d_own):
    h = back[0]
    q, z, r, n = tape[0], tape[1], tape[2], tape[3]
    d_q, d_z, d_r, d_n = delta[0, place], delta[1, place], delta[2, place], delta[3, place]
    for m in range(len(q)):
        d_n[m] = h[m] * (1 - z[m]) * (1 - n[m] * n[m])
    for m in range(len(q)):
        d_r[m] = d_n[m] * q[m]
    for m in range(len(q)):
        d_q[m] = d_n[m] * r[m] * q[m] * (1 - q[m])
    for m in range(len(q)):
        d_z[m] = h[m] * (h0[m] - n[m]) * z[m] * (1 - z[m])
    for m in range(len(q)):
        h[m] *= z[m]


KERNEL = Kernel(update, pull, input_slots=(0, 1, 3))
