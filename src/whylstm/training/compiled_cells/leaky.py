"""h' = (1 - α) h + α tanh(r + a). Own number: α, not trained."""
# ruff: noqa: ANN001, ANN201, D103 (numba infers the types; the base says what both do)

from __future__ import annotations

from whylstm.training.compiled_cells._loops import jit, tanh_in
from whylstm.training.compiled_cells.base import Kernel


@jit
def update(tape, h0, h1, c0, c1, own):
    y, alpha = tape[0], own[0]
    tanh_in(y)
    for m in range(len(y)):
        h1[m] = (1 - alpha[m]) * h0[m] + alpha[m] * y[m]


@jit
def pull(tape, h0, h1, c0, back, delta, place, own, d_own):
    y, h, d, alpha = tape[0], back[0], delta[0, place], own[0]
    for m in range(len(y)):
        d[m] = h[m] * alpha[m] * (1 - y[m] * y[m])
    for m in range(len(y)):
        h[m] *= 1 - alpha[m]


KERNEL = Kernel(update, pull, own=("alpha",))
