"""Permutations: where three things stand after all moves so far, at every step (Liu et al. 2023; Merrill et al. 2024).

Every step shows one of the six permutations of three things, and the answer is their running product.
"""

from whylstm.tasks import _running
from whylstm.tasks.base import Task

TABLE = _running.symmetric(3)


class Permutations3(Task):
    """``length`` steps of one-hot permutations of three things; 6 classes at every step."""

    features = 6
    outputs = 6
    kind = "classification"
    reads_length = False
    success = _running.CRITERIA
    source = "Liu et al. 2023; Merrill, Petty & Sabharwal 2024"

    def sample(self, rng, count, length, split):
        return _running.sample(rng, count, length, TABLE)

    def trivial(self, length, split="train"):
        return _running.trivial(6, length)


TASK = Permutations3()
