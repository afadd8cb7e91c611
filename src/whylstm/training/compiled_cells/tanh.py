"""h' = tanh(r + a)."""
# ruff: noqa: ANN001, ANN201, D103 (numba infers the types; the base says what both do)

from __future__ import annotations

from whylstm.training.compiled_cells._loops import clear, jit, tanh_of
from whylstm.training.compiled_cells.base import Kernel


@jit
def update(tape, h0, h1, c0, c1, own):
    tanh_of(tape[0], h1)


@jit
def pull(tape, h0, h1, c0, back, delta, place, own, d_own):
    h, d = back[0], delta[0, place]
    for m in range(len(h)):
        d[m] = h[m] * (1 - h1[m] * h1[m])
    clear(h)


KERNEL = Kernel(update, pull)
