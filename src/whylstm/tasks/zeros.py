"""Silence: inputs 0, no answer. What a cell does when it is left alone."""

import numpy as np

from whylstm.tasks.base import Task, unanswered


class Zeros(Task):
    """Inputs that are zero."""

    reads_length = False
    source = "drive"

    def sample(self, rng, count, length, split):
        return unanswered(np.zeros((count, length, self.features)))


TASK = Zeros()
