"""Permutations: where five things stand after all moves so far, at every step (Merrill et al. 2024).

Every step shows one of the 120 permutations of five things, and the answer is their running product. From five things
on the group is not solvable, and no circuit of constant depth with threshold gates is believed to track it.
"""

from whylstm.tasks import _running
from whylstm.tasks.base import Task

TABLE = _running.symmetric(5)


class Permutations5(Task):
    """``length`` steps of one-hot permutations of five things; 120 classes at every step."""

    features = 120
    outputs = 120
    kind = "classification"
    reads_length = False
    success = _running.CRITERIA
    source = "Merrill, Petty & Sabharwal 2024"

    def sample(self, rng, count, length, split):
        return _running.sample(rng, count, length, TABLE)

    def trivial(self, length, split="train"):
        return _running.trivial(120, length)


TASK = Permutations5()
