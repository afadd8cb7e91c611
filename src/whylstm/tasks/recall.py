"""Recall: pairs of a key and a value, then the keys in another order: say their values (Arora et al. 2024).

``length`` is the number P of pairs. P steps show a key and its value, P more a key alone, and these are answered. Keys
differ within a sequence and values need not. In the paper key and value are two steps, so that one layer must first
bind them; here they share a step, so that a single layer can solve the task and what is measured is the memory.
"""

import numpy as np

from whylstm.tasks.base import Batch, Criterion, Task, Trivial, one_hot, uniform_classes

KEYS, VALUES = 32, 8


class Recall(Task):
    """2 ``length`` steps of a one-hot key and a one-hot value or none; eight classes at each of the last ``length``."""

    features = KEYS + VALUES
    outputs = VALUES
    kind = "classification"
    longest = KEYS
    success = (Criterion("one_percent", "error", 0.01, "fewer than 1% of answers on fresh sequences wrong"),)
    source = "Arora et al. 2024, with key and value in one step"

    def steps(self, length):
        return 2 * length

    def sample(self, rng, count, length, split):
        keys = rng.permuted(np.tile(np.arange(KEYS), (count, 1)), axis=1)[:, :length]
        values = rng.integers(0, VALUES, (count, length))
        order = rng.permuted(np.tile(np.arange(length), (count, 1)), axis=1)
        asked = np.take_along_axis(keys, order, axis=1)
        shown = one_hot(np.concatenate([keys, asked], axis=1), KEYS)
        told = np.concatenate([one_hot(values, VALUES), np.zeros((count, length, VALUES))], axis=1)
        answers = np.take_along_axis(values, order, axis=1)
        return Batch(np.concatenate([shown, told], axis=2), answers, np.arange(2 * length) >= length)

    def trivial(self, length, split="train"):
        return Trivial(uniform_classes(VALUES, length), f"{VALUES} equally likely values: cross-entropy ln {VALUES}.")


TASK = Recall()
