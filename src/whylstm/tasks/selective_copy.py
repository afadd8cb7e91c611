"""Selective copy: ten symbols scattered among blanks, to be said again after a cue (Gu & Dao 2023).

Input: ``length`` + 9 steps, ten of which, anywhere, hold a symbol out of 8 and the others a blank; a cue; ten blanks,
each of which is answered. As ``copy``, but *when* to store depends on what is shown: a recurrence whose steps do not
depend on the input cannot tell a symbol's place in the order from its place in time.
"""

import numpy as np

from whylstm.tasks import _recalled
from whylstm.tasks.base import Batch, Task, Trivial, one_hot, uniform_classes

ALPHABET = 8


class SelectiveCopy(Task):
    """``length`` + 20 steps of one-hot symbols; eight classes at each of the last ten."""

    features = ALPHABET + 2
    outputs = ALPHABET
    kind = "classification"
    success = (_recalled.ALL_TEN,)
    source = "Gu & Dao 2023"

    def steps(self, length):
        return length + 2 * _recalled.SYMBOLS

    def sample(self, rng, count, length, split):
        waiting = length + _recalled.SYMBOLS - 1
        places = rng.permuted(np.tile(np.arange(waiting), (count, 1)), axis=1)[:, : _recalled.SYMBOLS]
        values = _recalled.values(rng, count, ALPHABET)
        symbols = np.full((count, self.steps(length)), ALPHABET)
        np.put_along_axis(symbols, np.sort(places, axis=1), values, axis=1)
        symbols[:, waiting] = ALPHABET + 1
        return Batch(one_hot(symbols, ALPHABET + 2), values, np.arange(self.steps(length)) > waiting)

    def trivial(self, length, split="train"):
        sentence = f"{ALPHABET} equally likely symbols: cross-entropy ln {ALPHABET}."
        return Trivial(uniform_classes(ALPHABET, _recalled.SYMBOLS), sentence)


TASK = SelectiveCopy()
