"""White noise: inputs N(0, 1), no answer. It drives a cell without asking anything of it.

Sixteen independent inputs a step, not one: the mean-field theory takes the mean square of a step's inputs to be 1, and
with D inputs it scatters by sqrt(2/D). A longer sequence from the same stream starts with the shorter one.
"""

import numpy as np

from whylstm.tasks.base import Task, unanswered


class Noise(Task):
    """Independent N(0, 1) inputs."""

    features = 16
    reads_length = False
    source = "drive"

    def sample(self, rng, count, length, split):
        # step after step, so that what is drawn for the first steps does not depend on how many follow
        inputs = rng.standard_normal((length, count, self.features)).swapaxes(0, 1)
        return unanswered(np.ascontiguousarray(inputs))


TASK = Noise()
