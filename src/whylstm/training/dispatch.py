"""All compiled cells behind one function for a step and one for the way back, told apart by a number.

So the passes through time (:mod:`whylstm.training.kernels`) are compiled once, and not once for every cell. The
branches are written out because numba knows no table of functions. A chain of closures made from the folder, each of
which asks for one number, would need no list; but numba optimises every function together with all that it calls, the
last of the chain with each of them, and compiling took half as long again.
"""
# ruff: noqa: ANN001, ANN201 (numba infers the types)

from __future__ import annotations

from whylstm.training import compiled_cells
from whylstm.training.compiled_cells import (
    gru,
    janet,
    leaky,
    linear,
    lru,
    lstm,
    lstm_1997,
    lstm_coupled,
    lstm_peephole,
    mingru,
    minlstm,
    relu,
    slstm,
    tanh,
)
from whylstm.training.compiled_cells._loops import jit

_CELLS = (
    gru, janet, leaky, linear, lru, lstm, lstm_1997, lstm_coupled, lstm_peephole, mingru, minlstm, relu, slstm, tanh,
)  # fmt: skip
(GRU, JANET, LEAKY, LINEAR, LRU, LSTM, LSTM_1997, LSTM_COUPLED, LSTM_PEEPHOLE, MINGRU, MINLSTM, RELU, SLSTM, TANH) = (
    range(len(_CELLS))
)

KERNELS = [cell.KERNEL for cell in _CELLS]
"""What is told apart, by number: cells may share a kernel."""

KINDS = {name: KERNELS.index(compiled_cells.load(name)) for name in compiled_cells.names()}
"""The number of each compiled cell."""


@jit
def update(kind, tape, h0, h1, c0, c1, own):
    """Call a compiled cell's ``update`` (:mod:`whylstm.training.compiled_cells.base`)."""
    if kind == GRU:
        gru.update(tape, h0, h1, c0, c1, own)
    elif kind == JANET:
        janet.update(tape, h0, h1, c0, c1, own)
    elif kind == LEAKY:
        leaky.update(tape, h0, h1, c0, c1, own)
    elif kind == LINEAR:
        linear.update(tape, h0, h1, c0, c1, own)
    elif kind == LRU:
        lru.update(tape, h0, h1, c0, c1, own)
    elif kind == LSTM:
        lstm.update(tape, h0, h1, c0, c1, own)
    elif kind == LSTM_1997:
        lstm_1997.update(tape, h0, h1, c0, c1, own)
    elif kind == LSTM_COUPLED:
        lstm_coupled.update(tape, h0, h1, c0, c1, own)
    elif kind == LSTM_PEEPHOLE:
        lstm_peephole.update(tape, h0, h1, c0, c1, own)
    elif kind == MINGRU:
        mingru.update(tape, h0, h1, c0, c1, own)
    elif kind == MINLSTM:
        minlstm.update(tape, h0, h1, c0, c1, own)
    elif kind == RELU:
        relu.update(tape, h0, h1, c0, c1, own)
    elif kind == SLSTM:
        slstm.update(tape, h0, h1, c0, c1, own)
    elif kind == TANH:
        tanh.update(tape, h0, h1, c0, c1, own)


@jit
def pull(kind, tape, h0, h1, c0, back, delta, place, own, d_own):
    """Call a compiled cell's ``pull``."""
    if kind == GRU:
        gru.pull(tape, h0, h1, c0, back, delta, place, own, d_own)
    elif kind == JANET:
        janet.pull(tape, h0, h1, c0, back, delta, place, own, d_own)
    elif kind == LEAKY:
        leaky.pull(tape, h0, h1, c0, back, delta, place, own, d_own)
    elif kind == LINEAR:
        linear.pull(tape, h0, h1, c0, back, delta, place, own, d_own)
    elif kind == LRU:
        lru.pull(tape, h0, h1, c0, back, delta, place, own, d_own)
    elif kind == LSTM:
        lstm.pull(tape, h0, h1, c0, back, delta, place, own, d_own)
    elif kind == LSTM_1997:
        lstm_1997.pull(tape, h0, h1, c0, back, delta, place, own, d_own)
    elif kind == LSTM_COUPLED:
        lstm_coupled.pull(tape, h0, h1, c0, back, delta, place, own, d_own)
    elif kind == LSTM_PEEPHOLE:
        lstm_peephole.pull(tape, h0, h1, c0, back, delta, place, own, d_own)
    elif kind == MINGRU:
        mingru.pull(tape, h0, h1, c0, back, delta, place, own, d_own)
    elif kind == MINLSTM:
        minlstm.pull(tape, h0, h1, c0, back, delta, place, own, d_own)
    elif kind == RELU:
        relu.pull(tape, h0, h1, c0, back, delta, place, own, d_own)
    elif kind == SLSTM:
        slstm.pull(tape, h0, h1, c0, back, delta, place, own, d_own)
    elif kind == TANH:
        tanh.pull(tape, h0, h1, c0, back, delta, place, own, d_own)
