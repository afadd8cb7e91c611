"""The copy task: say ten symbols again after T steps (Hochreiter & Schmidhuber 1997; Arjovsky, Shah & Bengio 2016).

Input: 10 symbols out of 8, T-1 blanks, a cue, 10 blanks: T + 20 steps. The answer is blank for T + 10 steps and then
the ten symbols; every step counts. The memoryless plateau, blank until the cue and uniform after it, has cross-entropy
10 ln 8 / (T + 20) nats per step. ``length`` is the delay T.
"""

import numpy as np

from whylstm.tasks import _recalled
from whylstm.tasks.base import Batch, Criterion, Task

ALPHABET = 8
BLANK = ALPHABET


class Copy(Task):
    """``length`` + 20 steps of ten one-hot symbols; nine classes (eight symbols and the blank) at every step."""

    features = ALPHABET + 2
    outputs = ALPHABET + 1
    kind = "classification"
    success = (Criterion("all ten", "sequence_error", 0.01, "fewer than 1% of fresh sequences with a slip (ours)"),)
    source = "Hochreiter & Schmidhuber 1997; Arjovsky, Shah & Bengio 2016"

    def steps(self, length):
        return length + 2 * _recalled.SYMBOLS

    def sample(self, rng, count, length, split):
        values = rng.integers(0, ALPHABET, (count, _recalled.SYMBOLS))
        cue = np.full(count, _recalled.SYMBOLS + length - 1)
        symbols = _recalled.symbols_with_cue(values, cue, self.steps(length), ALPHABET)
        targets = np.full(symbols.shape, BLANK)
        np.put_along_axis(targets, _recalled.recall_steps(cue), values, axis=1)
        return Batch(_recalled.encode(symbols, ALPHABET), targets, np.ones(self.steps(length), dtype=bool))

    def trivial(self, length, split="train"):
        return _recalled.plateau(ALPHABET, self.steps(length))

    def guess(self, batch, metric="loss"):
        return _recalled.plateau_logits(batch.targets, ALPHABET)


TASK = Copy()
