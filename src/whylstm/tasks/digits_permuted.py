"""Permuted sequential digits: as ``digits``, with the 64 pixels in one fixed random order (Le, Jaitly & Hinton 2015).

Neighbours of the picture are strangers in the sequence, so that short memory no longer helps. The order is a constant
of this task, the same in every study.
"""

import functools

import numpy as np

from whylstm.streams import stream
from whylstm.tasks import _digits
from whylstm.tasks.base import Task


@functools.cache
def order() -> np.ndarray:
    """Return the order (64,) in which the pixels are read."""
    return stream(0, "digits_permuted").permutation(_digits.PIXELS)


class DigitsPermuted(Task):
    """Up to 64 steps of one grey value; ten classes at the last step."""

    outputs = _digits.CLASSES
    kind = "classification"
    reads_length = False
    longest = _digits.PIXELS
    success = _digits.CRITERIA
    source = "UCI optical digits (Alpaydin & Kaynak 1998), as in scikit-learn; read as in Le, Jaitly & Hinton 2015"

    def sample(self, rng, count, length, split):
        return _digits.draw(rng, count, length, split, order())

    def trivial(self, length, split="train"):
        return _digits.trivial(split)

    def guess(self, batch, metric="loss"):
        return _digits.guess(batch)


TASK = DigitsPermuted()
