"""The multiplication problem: as ``adding_pascanu``, with the product as target (Pascanu, Mikolov & Bengio 2013).

The product p of two U(0, 1) has density -ln p: small products are the most frequent, and P(p < a) = a (1 - ln a). A
constant is therefore within w most often when it is w itself, with probability 2w (1 - ln 2w): 77% under "squared error
< .04" (w = .2) and 28% under "absolute error < .04". The constant with the least squared error is another, 1/4.
"""

import math

import numpy as np

from whylstm.tasks import _marked
from whylstm.tasks.base import Batch, Task, Trivial


class Multiplication(Task):
    """Up to 1.1 ``length`` steps; the target is the product, in (0, 1)."""

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
        return Batch(inputs, _marked.marked_numbers(inputs).prod(axis=1)[:, None, None], where)

    def trivial(self, length, split="train"):
        missed = {metric: 1 - 2 * w * (1 - math.log(2 * w)) for metric, w in _marked.HALF_WIDTH.items()}
        sentence = "The constant 1/4: mean squared error 1/9 - 1/16 = 7/144; within w most often: the constant w."
        return Trivial({"loss": 7 / 144, **missed}, sentence)

    def guess(self, batch, metric="loss"):
        return np.full_like(batch.targets, _marked.HALF_WIDTH.get(metric, 1 / 4))

    def own_metrics(self, outputs, targets):
        return _marked.missed(outputs, targets)


TASK = Multiplication()
