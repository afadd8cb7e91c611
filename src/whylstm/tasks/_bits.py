"""What the tasks with random bits share: fair independent bits, shown as -1 (for 0) and +1 (for 1)."""

import numpy as np

from whylstm.tasks.base import Criterion, Trivial, uniform_classes

CRITERIA = (Criterion("one_percent", "error", 0.01, "fewer than 1% of answers on fresh sequences wrong"),)


def bits(rng: np.random.Generator, count: int, length: int) -> np.ndarray:
    """Draw fair bits (N, T) int64, 0 or 1."""
    return rng.integers(0, 2, (count, length))


def shown(bit: np.ndarray) -> np.ndarray:
    """Return bits (N, T) as inputs (N, T, 1) of mean 0 and variance 1."""
    return (2.0 * bit - 1.0)[..., None]


def coin(answers: int) -> Trivial:
    """Return what a fair coin earns on fair answers, independent within a sequence."""
    return Trivial(uniform_classes(2, answers), "Two equally likely classes: cross-entropy ln 2, error 1/2.")
