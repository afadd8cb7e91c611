"""h' = max(0, r + a)."""
# ruff: noqa: ANN001, ANN201, D103 (numba infers the types; the base says what both do)

from __future__ import annotations

from whylstm.training.compiled_cells._loops import clear, jit
from whylstm.training.compiled_cells.base import Kernel


@jit
def update(tape, h0, h1, c0, c1, own):
    x = tape[0]
    for m in range(len(x)):
        h1[m] = 0 if x[m] < 0 else x[m]  # NaN stays NaN


@jit
def pull(tape, h0, h1, c0, back, delta, place, own, d_own):
    h, d = back[0], delta[0, place]
    for m in range(len(h)):
        d[m] = h[m] if h1[m] > 0 else 0
    clear(h)


KERNEL = Kernel(update, pull)
