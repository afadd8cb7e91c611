"""What the tasks of recall share: ten symbols, a silence, a cue, and ten steps to say them again.

Input symbols: the values 0 … V-1, then the blank V and the cue V+1, one-hot. The recall begins right after the cue.
"""

import numpy as np

from whylstm.tasks.base import Batch, Criterion, Trivial, one_hot

SYMBOLS = 10
"""How many symbols are to be remembered."""

ALL_TEN = Criterion("all_ten", "sequence_error", 0.01, "fewer than 1% of fresh sequences with a wrong answer")


def values(rng: np.random.Generator, count: int, alphabet: int) -> np.ndarray:
    """Draw the symbols to be remembered, (N, 10) int64."""
    return rng.integers(0, alphabet, (count, SYMBOLS))


def shown(remembered: np.ndarray, delay: np.ndarray, steps: int, alphabet: int) -> np.ndarray:
    """Return inputs (N, T, V+2): the symbols (N, 10), blanks, and a cue ``delay`` (N,) steps after the last of them."""
    symbols = np.full((len(remembered), steps), alphabet)
    symbols[:, :SYMBOLS] = remembered
    np.put_along_axis(symbols, SYMBOLS - 1 + delay[:, None], alphabet + 1, axis=1)
    return one_hot(symbols, alphabet + 2)


def copying(remembered: np.ndarray, delay: np.ndarray, steps: int, alphabet: int) -> Batch:
    """Return a copy task's batch: every step is answered, with the blank (class V) except in the ten after the cue."""
    targets = np.full((len(remembered), steps), alphabet)
    np.put_along_axis(targets, SYMBOLS + delay[:, None] + np.arange(SYMBOLS), remembered, axis=1)
    return Batch(shown(remembered, delay, steps, alphabet), targets, np.ones(steps, dtype=bool))


def plateau(alphabet: int, steps: int) -> Trivial:
    """Return the memoryless plateau: blank until the recall, then uniform over the symbols; every step counts."""
    share, right = SYMBOLS / steps, 1 / alphabet
    metrics = {"loss": share * np.log(alphabet), "error": share * (1 - right), "sequence_error": 1 - right**SYMBOLS}
    sentence = f"Blank until the recall, then uniform over {alphabet} symbols: 10 ln {alphabet} / {steps} nats a step."
    return Trivial({metric: float(value) for metric, value in metrics.items()}, sentence)


def plateau_logits(targets: np.ndarray, alphabet: int) -> np.ndarray:
    """Return the logits (N, T, V+1) of :func:`plateau`, which knows when the targets (N, T) are blank."""
    blank = (targets == alphabet)[..., None]
    is_blank_class = np.arange(alphabet + 1) == alphabet
    # exp(-1000) is 0 in float64: the plateau is certain of what it knows
    return np.where(blank == is_blank_class, 0.0, -1000.0)
