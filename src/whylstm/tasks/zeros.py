"""Silence: inputs 0, no answer. What a cell does when it is left alone."""

import numpy as np

from whylstm.tasks.base import Batch, Task


class Zeros(Task):
    """Inputs that are zero."""

    reads_length = False
    source = "drive"

    def sample(self, rng, count, length, split):
        return Batch(np.zeros((count, length, self.features)), None, np.zeros(length, dtype=bool))


TASK = Zeros()
