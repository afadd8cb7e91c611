"""The LRU: drives Re, Im, which see a alone; the memory c is Im x. Own numbers: |λ| cos θ, |λ| sin θ, γ."""
# ruff: noqa: ANN001, ANN201, ANN202, D103 (numba infers the types; the base says what both do)

from __future__ import annotations

from whylstm.training.compiled_cells._loops import copy, jit
from whylstm.training.compiled_cells.base import Kernel


@jit
def update(tape, h0, h1, c0, c1, own):
    real, imaginary, gain = own[0], own[1], own[2]
    _weighted(real, h0, imaginary, c0, gain, tape[0], h1, -1)
    _weighted(real, c0, imaginary, h0, gain, tape[1], c1, 1)


@jit
def pull(tape, h0, h1, c0, back, delta, place, own, d_own):
    real, imaginary, gain = own[0], own[1], own[2]
    h, c, kept = back[0], back[1], tape[2]
    _add_products(d_own[0], h, h0, c, c0, 1)
    _add_products(d_own[1], c, h0, h, c0, -1)
    _add_products(d_own[2], h, tape[0], c, tape[1], 1)
    _scaled(gain, h, delta[0, place])
    _scaled(gain, c, delta[1, place])
    _turned(real, h, imaginary, c, kept, 1)
    _turned_in(real, c, imaginary, h, -1)
    copy(kept, h)


@jit
def _weighted(real, x, imaginary, y, gain, a, out, sign):
    for u in range(len(out)):
        out[u] = real[u] * x[u] + sign * imaginary[u] * y[u] + gain[u] * a[u]


@jit
def _add_products(total, a, b, c, d, sign):
    for u in range(len(total)):
        total[u] += a[u] * b[u] + sign * c[u] * d[u]


@jit
def _scaled(gain, x, out):
    for u in range(len(out)):
        out[u] = gain[u] * x[u]


@jit
def _turned(real, x, imaginary, y, out, sign):
    for u in range(len(out)):
        out[u] = real[u] * x[u] + sign * imaginary[u] * y[u]


@jit
def _turned_in(real, x, imaginary, y, sign):
    for u in range(len(x)):
        x[u] = real[u] * x[u] + sign * imaginary[u] * y[u]


KERNEL = Kernel(update, pull, own=(("carry", "h", "h"), ("carry", "m", "h"), ("drive", "h", "h")))
