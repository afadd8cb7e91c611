"""Modular sum: the sum modulo five of all digits so far, at every step.

As ``modular_sum``, with more to tell apart.
"""

from whylstm.tasks import _running
from whylstm.tasks.base import Task

TABLE = _running.cyclic(5)


class ModularSum5(Task):
    """``length`` steps of one-hot digits 0 … 4; 5 classes at every step."""

    features = 5
    outputs = 5
    kind = "classification"
    reads_length = False
    success = _running.CRITERIA
    source = "Deletang et al. 2023; Grazzi et al. 2025"

    def sample(self, rng, count, length, split):
        return _running.sample(rng, count, length, TABLE)

    def trivial(self, length, split="train"):
        return _running.trivial(5, length)


TASK = ModularSum5()
