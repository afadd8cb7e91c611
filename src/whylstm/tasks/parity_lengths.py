"""Parity, learned on all lengths from 3 on: is the number of ones odd? (Grazzi et al. 2025; Deletang et al. 2023).

In training each sequence has a length of its own, uniform from 3 to ``length``, and is answered at its own last step;
in a test every sequence has ``length`` steps. So a network that was trained with a length of 40 can be asked about 256.
"""

import numpy as np

from whylstm.tasks import _bits
from whylstm.tasks.base import Batch, Task, last_step

SHORTEST = 3


class ParityLengths(Task):
    """Up to ``length`` steps of one bit, shown as ±1, and zeros after the last; two classes at the last."""

    outputs = 2
    kind = "classification"
    variable_length = True
    shortest = SHORTEST
    success = _bits.CRITERIA
    source = "Grazzi et al. 2025"

    def sample(self, rng, count, length, split):
        bit = _bits.bits(rng, count, length)
        if split == "test":
            return Batch(_bits.shown(bit), bit.sum(axis=1, keepdims=True) % 2, last_step(length))
        last = rng.integers(SHORTEST, length + 1, (count, 1)) - 1
        steps = np.arange(length)
        inputs = np.where(steps[:, None] <= last[..., None], _bits.shown(bit), 0.0)
        answers = np.take_along_axis(bit.cumsum(axis=1), last, axis=1) % 2
        return Batch(inputs, answers, steps == last)

    def trivial(self, length, split="train"):
        return _bits.coin(answers=1)


TASK = ParityLengths()
