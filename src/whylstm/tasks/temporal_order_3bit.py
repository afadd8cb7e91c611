"""Temporal order, 3 bit: three letters, each A or B, in order (Hochreiter & Schmidhuber 1997, experiment 6b).

The letters stand in [.1T, .2T), [.3T, .4T) and [.6T, .7T); the eight classes are equally likely, so that guessing has
cross-entropy ln 8 and error 87.5%.
"""

from whylstm.tasks import _ordered
from whylstm.tasks.base import Task, Trivial, uniform_classes

TENTHS = (1, 3, 6)


class TemporalOrder3Bit(Task):
    """``length`` steps of six one-hot symbols; eight classes at the last step."""

    features = _ordered.SYMBOLS
    outputs = 8
    kind = "classification"
    shortest = 10
    success = _ordered.CRITERIA
    source = "Hochreiter & Schmidhuber 1997; Pascanu, Mikolov & Bengio 2013"

    def sample(self, rng, count, length, split):
        return _ordered.draw(rng, count, length, TENTHS)

    def trivial(self, length, split="train"):
        return Trivial(uniform_classes(self.outputs), "Eight equally likely classes: cross-entropy ln 8, error 7/8.")


TASK = TemporalOrder3Bit()
