"""The copy task: say ten symbols again after T steps (Hochreiter & Schmidhuber 1997; Arjovsky, Shah & Bengio 2016).

Input: 10 symbols out of 8, T-1 blanks, a cue, 10 blanks: T + 20 steps. The answer is blank for T + 10 steps and then
the ten symbols; every step counts. The memoryless plateau, blank until the recall and uniform in it, has cross-entropy
10 ln 8 / (T + 20) nats per step. ``length`` is the delay T.
"""

import numpy as np

from whylstm.tasks import _recalled
from whylstm.tasks.base import Task

ALPHABET = 8


class Copy(Task):
    """``length`` + 20 steps of ten one-hot symbols; nine classes (eight symbols and the blank) at every step."""

    features = ALPHABET + 2
    outputs = ALPHABET + 1
    kind = "classification"
    success = (_recalled.ALL_TEN,)
    source = "Hochreiter & Schmidhuber 1997; Arjovsky, Shah & Bengio 2016"

    def steps(self, length):
        return length + 2 * _recalled.SYMBOLS

    def sample(self, rng, count, length, split):
        values = _recalled.values(rng, count, ALPHABET)
        return _recalled.copying(values, np.full(count, length), self.steps(length), ALPHABET)

    def trivial(self, length, split="train"):
        return _recalled.plateau(ALPHABET, self.steps(length))

    def guess(self, batch, metric="loss"):
        return _recalled.plateau_logits(batch.targets, ALPHABET)


TASK = Copy()
