"""The one door to an ensemble: losses, gradients, outputs.

Recurrent cells are compiled where they have a kernel, else they go the plain way; attention has a way of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from torch import Tensor

from whylstm.cells.base import Cell
from whylstm.training import attention, bptt, compiled, forward, readout
from whylstm.training.ensemble import Ensemble
from whylstm.training.sequences import Sequences


def gradient(ensemble: Ensemble, sequences: Sequences, keep: np.ndarray | None = None) -> bptt.Gradient:
    """Return loss and gradient of every model; arguments as in :func:`whylstm.training.bptt.gradient`."""
    with flushed():
        return _way(ensemble).gradient(ensemble, sequences, keep)


def _way(ensemble: Ensemble) -> Any:
    """Return the module that computes an ensemble."""
    if not isinstance(ensemble.reader, Cell):
        return attention
    return compiled if compiled.available(ensemble) else bptt


@contextmanager
def flushed() -> Iterator[None]:
    """Let numbers below the normal ones (1e-38 in float32) be zero in this thread.

    A gradient that vanishes gets there after some hundred steps, and a processor takes a hundred times as long for such
    numbers, which are lost in the sum of the gradient anyway.
    """
    torch.set_flush_denormal(True)
    try:
        yield
    finally:
        torch.set_flush_denormal(False)


def outputs(ensemble: Ensemble, inputs: Tensor, when: np.ndarray) -> np.ndarray:
    """Return every model's readout on the same sequences, (B, N, A, K).

    Args:
        ensemble: the models.
        inputs: (N, T, D).
        when: (N, A), the steps (from 0) of the answers.
    """
    way = _way(ensemble)
    if way is not bptt:
        return way.outputs(ensemble, inputs, when)
    return np.stack([plain_outputs(ensemble.take([model]), inputs, when) for model in range(ensemble.size)])


def plain_outputs(one: Ensemble, inputs: Tensor, when: np.ndarray) -> np.ndarray:
    """Return the readout of a single model, (N, A, K); one by one, so that memory does not grow with B."""
    weights, steps = one.weights, np.unique(when)
    states = forward.outputs(one.cell, weights, forward.padded(inputs[None], one.hidden), steps.tolist())
    sequence = np.arange(len(when))[:, None]
    chosen = states[torch.from_numpy(np.searchsorted(steps, when)), 0, torch.from_numpy(sequence)]
    return readout.outputs(weights, chosen.reshape(1, -1, one.hidden))[0].unflatten(0, when.shape).numpy()
