"""What the tasks with marked numbers share: inputs, the two published tolerances, and sequences of unequal length.

Two criteria are found in the literature under the same number: |error| < .04 (Hochreiter & Schmidhuber 1997) and
error² < .04 (Pascanu et al. 2013). The second is far weaker, since it allows |error| < .2. Both are measured.
"""

import numpy as np

from whylstm.tasks.base import Criterion, Metrics

TOLERANCE = 0.04
HALF_WIDTH = {"missed_absolute": TOLERANCE, "missed_squared": TOLERANCE**0.5}
"""Metric → the |error| from which on it counts a miss."""

ABSOLUTE = Criterion(
    "absolute", "missed_absolute", 0.01, "|error| < .04 in over 99% of fresh sequences (Hochreiter & Schmidhuber 1997)"
)
SQUARED = Criterion(
    "squared", "missed_squared", 0.01, "error² < .04 in over 99% of fresh sequences (Pascanu et al. 2013)"
)


def missed(outputs: np.ndarray, targets: np.ndarray) -> Metrics:
    """Return the share of sequences that miss the target (N, 1, 1) under each tolerance; NaN outputs miss it."""
    error = np.abs(outputs - targets)
    return {metric: float(np.mean(~(error < width))) for metric, width in HALF_WIDTH.items()}


def with_marks(numbers: np.ndarray, positions: np.ndarray) -> np.ndarray:
    """Return inputs (N, T, 2): the numbers (N, T), and 1 at each sequence's marked positions (N, 2), else 0."""
    marks = np.zeros_like(numbers)
    np.put_along_axis(marks, positions, 1.0, axis=1)
    return np.stack([numbers, marks], axis=-1)


def marked_numbers(inputs: np.ndarray) -> np.ndarray:
    """Return the two marked numbers (N, 2) of inputs (N, T, 2), in order of time."""
    return inputs[..., 0][inputs[..., 1] == 1].reshape(len(inputs), 2)


def longest(length: int) -> int:
    """Return the largest integer below 1.1 ``length``: the steps of the longest sequence of unequal ones."""
    return length + -(-length // 10) - 1


def unequal(rng: np.random.Generator, count: int, length: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw sequences of n steps, n uniform over the integers of [T, 1.1T), marked in [0, .1T) and in [.1T, .5T).

    Returns:
        inputs (N, T', 2), zero from step n on, and the mask (N, T') of each sequence's last step n-1;
        T' = ``longest(length)``.
    """
    steps = longest(length)
    ends = rng.integers(length, steps + 1, count)
    tenth, half = -(-length // 10), -(-length // 2)
    positions = np.stack([rng.integers(0, tenth, count), rng.integers(tenth, half, count)], axis=1)
    numbers = rng.random((count, steps)) * (np.arange(steps) < ends[:, None])
    return with_marks(numbers, positions), np.arange(steps) == ends[:, None] - 1
