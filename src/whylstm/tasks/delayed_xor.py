"""Delayed exclusive or: at each step, s_{t-d} xor s_{t-2d} of a stream of fair bits; d is a quarter of the length.

It asks for memory and for a nonlinear use of it: neither bit alone says anything about the answer. Answers count from
the first step at which both bits exist; they are fair and independent, so that guessing is wrong half of the time.
"""

import numpy as np

from whylstm.tasks import _bits
from whylstm.tasks.base import Batch, Task


def delay(length: int) -> int:
    """Return the delay d = floor(length / 4), in steps."""
    return length // 4


class DelayedXor(Task):
    """``length`` steps of one bit, shown as ±1; two classes at each step t >= 2d, counted from 0."""

    outputs = 2
    kind = "classification"
    shortest = 4
    success = _bits.CRITERIA
    source = "a standard of reservoir computing; Minsky & Papert 1969 for the exclusive or"

    def sample(self, rng, count, length, split):
        bit, d = _bits.bits(rng, count, length), delay(length)
        targets = bit[:, d : length - d] ^ bit[:, : length - 2 * d]
        return Batch(_bits.shown(bit), targets, np.arange(length) >= 2 * d)

    def trivial(self, length, split="train"):
        return _bits.coin(length - 2 * delay(length))


TASK = DelayedXor()
