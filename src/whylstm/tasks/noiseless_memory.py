"""Noiseless memorisation: ten symbols out of five, said again after T steps (Martens & Sutskever 2011; Pascanu 2013).

The inputs of ``copy`` with a smaller alphabet, but only the ten answers count, and a sequence is right only if all ten
are. Guessing is right with probability 5⁻¹⁰, about 1.0e-7, and has cross-entropy ln 5 per answer. ``length`` is T.
"""

import numpy as np

from whylstm.tasks import _recalled
from whylstm.tasks.base import Batch, Task, Trivial, uniform_classes

ALPHABET = 5


class NoiselessMemory(Task):
    """``length`` + 20 steps of seven one-hot symbols; five classes at each of the last ten steps."""

    features = ALPHABET + 2
    outputs = ALPHABET
    kind = "classification"
    success = (_recalled.ALL_TEN,)
    source = "Martens & Sutskever 2011; Pascanu, Mikolov & Bengio 2013"

    def steps(self, length):
        return length + 2 * _recalled.SYMBOLS

    def sample(self, rng, count, length, split):
        values, steps = _recalled.values(rng, count, ALPHABET), self.steps(length)
        inputs = _recalled.shown(values, np.full(count, length), steps, ALPHABET)
        return Batch(inputs, values, np.arange(steps) >= steps - _recalled.SYMBOLS)

    def trivial(self, length, split="train"):
        metrics = uniform_classes(ALPHABET, _recalled.SYMBOLS)
        return Trivial(metrics, "Uniform over five symbols: ln 5 nats an answer, all ten right with chance 5⁻¹⁰.")


TASK = NoiselessMemory()
