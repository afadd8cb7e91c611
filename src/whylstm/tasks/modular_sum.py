"""Modular sum: the sum modulo three of all digits so far, at every step (Deletang et al. 2023, modular addition).

A linear recurrence whose steps are diagonal or triangular, with real eigenvalues, cannot count modulo three at any
length (Grazzi et al. 2025, theorem 2): it takes a rotation, or a hop.
"""

from whylstm.tasks import _running
from whylstm.tasks.base import Task

TABLE = _running.cyclic(3)


class ModularSum(Task):
    """``length`` steps of one-hot digits 0, 1, 2; 3 classes at every step."""

    features = 3
    outputs = 3
    kind = "classification"
    reads_length = False
    success = _running.CRITERIA
    source = "Deletang et al. 2023; Grazzi et al. 2025"

    def sample(self, rng, count, length, split):
        return _running.sample(rng, count, length, TABLE)

    def trivial(self, length, split="train"):
        return _running.trivial(3, length)


TASK = ModularSum()
