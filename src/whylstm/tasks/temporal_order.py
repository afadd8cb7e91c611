"""Temporal order, 2 bit: which of A, B came first and which second (Hochreiter & Schmidhuber 1997, experiment 6a).

The letters stand at p0 in [.1T, .2T) and p1 in [.5T, .6T); classes AA, AB, BA, BB are equally likely, so that guessing
has cross-entropy ln 4 and error 75%.
"""

from whylstm.tasks import _ordered
from whylstm.tasks.base import Task, Trivial, uniform_classes

TENTHS = (1, 5)


class TemporalOrder(Task):
    """``length`` steps of six one-hot symbols; four classes at the last step."""

    features = _ordered.SYMBOLS
    outputs = 4
    kind = "classification"
    shortest = 10
    success = _ordered.CRITERIA
    source = "Hochreiter & Schmidhuber 1997; Pascanu, Mikolov & Bengio 2013"

    def sample(self, rng, count, length, split):
        return _ordered.draw(rng, count, length, TENTHS)

    def trivial(self, length, split="train"):
        return Trivial(uniform_classes(self.outputs), "Four equally likely classes: cross-entropy ln 4, error 3/4.")


TASK = TemporalOrder()
