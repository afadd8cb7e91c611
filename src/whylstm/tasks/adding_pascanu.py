"""The adding problem of Pascanu, Mikolov & Bengio 2013: early marks, unequal lengths, and the mean as target.

T is ``length``: a sequence has n steps, n uniform over the integers of [T, 1.1T); of its U(0, 1) numbers one is marked
in [0, .1T) and one in [.1T, .5T); the answer, their mean, is due at step n. Shorter sequences are padded at the end.

The mean of two U(0, 1) is triangular around 1/2, so that a net which always says 1/2 is within w with probability
1 - (1 - 2w)²: under "squared error < .04" (w = .2) it is right on 64% of the sequences, under "absolute error < .04" on
15%. The first criterion, with its 1% of errors, starts from there.
"""

import numpy as np

from whylstm.tasks import _marked
from whylstm.tasks.base import Batch, Task, Trivial


class AddingPascanu(Task):
    """Up to 1.1 ``length`` steps; the target is the mean, in (0, 1)."""

    features = 2
    outputs = 1
    kind = "regression"
    variable_length = True
    shortest = 10
    success = (_marked.SQUARED, _marked.ABSOLUTE)
    source = "Pascanu, Mikolov & Bengio 2013"

    def steps(self, length):
        return _marked.longest(length)

    def sample(self, rng, count, length, split):
        inputs, where = _marked.unequal(rng, count, length)
        return Batch(inputs, _marked.marked_numbers(inputs).mean(axis=1)[:, None, None], where)

    def trivial(self, length, split="train"):
        missed = {metric: (1 - 2 * width) ** 2 for metric, width in _marked.HALF_WIDTH.items()}
        sentence = "The constant 1/2: mean squared error 1/24, the variance of the mean; misses (1 - 2w)² by w or more."
        return Trivial({"loss": 1 / 24, **missed}, sentence)

    def guess(self, batch, metric="loss"):
        return np.full_like(batch.targets, 0.5)

    def own_metrics(self, outputs, targets):
        return _marked.missed(outputs, targets)


TASK = AddingPascanu()
