"""What the temporal-order tasks share: a few A or B among distractors; the class is which came in which order.

Six one-hot symbols, A and B and the distractors c, d, e, f. At one position in each window (a tenth of the length)
stands A or B, with equal chance; everywhere else a distractor. The answer is due at the last step.
"""

import numpy as np

from whylstm.tasks.base import Batch, Criterion, last_step, one_hot

SYMBOLS = 6
CRITERIA = (Criterion("one_percent", "error", 0.01, "fewer than 1% of fresh sequences wrong (Pascanu et al. 2013)"),)


def bounds(length: int, tenth: int) -> tuple[int, int]:
    """Return the first integer in [tenth·T/10, (tenth+1)·T/10) and the first one beyond it, exactly."""
    return -(-tenth * length // 10), -(-(tenth + 1) * length // 10)


def draw(rng: np.random.Generator, count: int, length: int, tenths: tuple[int, ...]) -> Batch:
    """Draw sequences with an A or B in each window; class = its letters as a binary number (A = 0, first highest)."""
    symbols = rng.integers(2, SYMBOLS, (count, length))
    letters = rng.integers(0, 2, (count, len(tenths)))
    positions = np.stack([rng.integers(*bounds(length, tenth), count) for tenth in tenths], axis=1)
    np.put_along_axis(symbols, positions, letters, axis=1)
    classes = letters @ (2 ** np.arange(len(tenths))[::-1])
    return Batch(one_hot(symbols, SYMBOLS), classes[:, None], last_step(length))
