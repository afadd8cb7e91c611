"""The minGRU: drives z, n, which see a alone."""
# ruff: noqa: ANN001, ANN201, D103 (numba infers the types; the base says what both do)

from __future__ import annotations

from whylstm.training.compiled_cells._loops import jit, logistic_in
from whylstm.training.compiled_cells.base import Kernel


@jit
def update(tape, h0, h1, c0, c1, own):
    z, n = tape[0], tape[1]
    logistic_in(z)
    for m in range(len(z)):
        h1[m] = z[m] * h0[m] + (1 - z[m]) * n[m]


@jit
def pull(tape, h0, h1, c0, back, delta, place, own, d_own):
    h = back[0]
    z, n = tape[0], tape[1]
    d_z, d_n = delta[0, place], delta[1, place]
    for m in range(len(z)):
        d_z[m] = h[m] * (h0[m] - n[m]) * z[m] * (1 - z[m])
    for m in range(len(z)):
        d_n[m] = h[m] * (1 - z[m])
    for m in range(len(z)):
        h[m] *= z[m]


KERNEL = Kernel(update, pull)
