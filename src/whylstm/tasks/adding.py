"""The adding problem: sum the two marked numbers of a sequence (Hochreiter & Schmidhuber 1997).

Each step shows a number from U(0, 1) and a mark; one step in each half of the sequence is marked. The answer is due at
the last step. The best constant answers 1, with mean squared error Var(u + v) = 2/12 = 1/6.

The version of Le, Jaitly & Hinton 2015 and of most papers since: fixed length, one mark per half.
"""

import numpy as np

from whylstm.tasks import _marked
from whylstm.tasks.base import Batch, Task, Trivial, last_step


class Adding(Task):
    """``length`` steps; the target is the sum, in (0, 2)."""

    features = 2
    outputs = 1
    kind = "regression"
    shortest = 2
    success = (_marked.ABSOLUTE, _marked.SQUARED)
    source = "Hochreiter & Schmidhuber 1997; as in Le, Jaitly & Hinton 2015"

    def sample(self, rng, count, length, split):
        half = length // 2
        positions = np.stack([rng.integers(0, half, count), rng.integers(half, length, count)], axis=1)
        inputs = _marked.with_marks(rng.random((count, length)), positions)
        total = _marked.marked_numbers(inputs).sum(axis=1)
        return Batch(inputs, total[:, None, None], last_step(length))

    def trivial(self, length, split="train"):
        # the sum of two U(0, 1) is triangular around 1: P(|sum - 1| >= w) = (1 - w)²
        missed = {metric: (1 - width) ** 2 for metric, width in _marked.HALF_WIDTH.items()}
        sentence = "The constant 1: mean squared error 1/6, the variance of the sum; it misses (1 - w)² by w or more."
        return Trivial({"loss": 1 / 6, **missed}, sentence)

    def guess(self, batch, metric="loss"):
        return np.ones_like(batch.targets)

    def own_metrics(self, outputs, targets):
        return _marked.missed(outputs, targets)


TASK = Adding()
