"""h' = r + a."""
# ruff: noqa: ANN001, ANN201, D103 (numba infers the types; the base says what both do)

from __future__ import annotations

from whylstm.training.compiled_cells._loops import clear, copy, jit
from whylstm.training.compiled_cells.base import Kernel


@jit
def update(tape, h0, h1, c0, c1, own):
    copy(tape[0], h1)


@jit
def pull(tape, h0, h1, c0, back, delta, place, own, d_own):
    copy(back[0], delta[0, place])
    clear(back[0])


KERNEL = Kernel(update, pull)
