"""Random permutation: the first symbol comes again at the end (Hochreiter & Schmidhuber 1997; Pascanu et al. 2013).

Of 100 symbols the first is 0 or 1, the others are drawn from 2 … 99. After ``length`` symbols the next one is to be
named: it is the first again, so that guessing between 0 and 1 is wrong half of the time.

The papers also ask for the next symbol at every earlier step, where nothing can be known. Here only the last answer
counts: the earlier ones would add ln 98 nats a step to the loss, and noise to the gradient.
"""

import numpy as np

from whylstm.tasks.base import Batch, Criterion, Task, Trivial, last_step, one_hot, uniform_classes

SYMBOLS = 100
FIRST = 2
"""How many symbols can stand first."""


class RandomPermutation(Task):
    """``length`` steps of a hundred one-hot symbols; a hundred classes at the last step, of which two occur."""

    features = SYMBOLS
    outputs = SYMBOLS
    kind = "classification"
    shortest = 2
    success = (Criterion("one_percent", "error", 0.01, "fewer than 1% of fresh sequences wrong (Pascanu et al. 2013)"),)
    source = "Hochreiter & Schmidhuber 1997; Pascanu, Mikolov & Bengio 2013"

    def sample(self, rng, count, length, split):
        symbols = rng.integers(FIRST, SYMBOLS, (count, length))
        symbols[:, 0] = rng.integers(0, FIRST, count)
        return Batch(one_hot(symbols, SYMBOLS), symbols[:, :1].copy(), last_step(length))

    def trivial(self, length, split="train"):
        return Trivial(uniform_classes(FIRST), "Even chances for symbols 0 and 1: cross-entropy ln 2, error 1/2.")

    def guess(self, batch, metric="loss"):
        # exp(-1000) is 0 in float64: the predictor knows which two symbols can come
        logits = np.where(np.arange(SYMBOLS) < FIRST, 0.0, -1000.0)
        return np.broadcast_to(logits, (*batch.targets.shape, SYMBOLS))


TASK = RandomPermutation()
