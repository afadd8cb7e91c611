"""What the tasks of recall share: ten symbols, a silence, a cue, and ten steps to say them again.

Input symbols: the values 0 … V-1, then the blank V and the cue V+1, one-hot. The recall begins right after the cue.
"""

import numpy as np

from whylstm.tasks.base import Trivial, one_hot

SYMBOLS = 10
"""How many symbols are to be remembered."""


def symbols_with_cue(values: np.ndarray, cue: np.ndarray, steps: int, alphabet: int) -> np.ndarray:
    """Return the input symbols (N, T): the values (N, 10), then blanks, and the cue at each one's step (N,)."""
    symbols = np.full((len(values), steps), alphabet)
    symbols[:, :SYMBOLS] = values
    np.put_along_axis(symbols, cue[:, None], alphabet + 1, axis=1)
    return symbols


def recall_steps(cue: np.ndarray) -> np.ndarray:
    """Return the ten steps (N, 10) after each sequence's cue (N,)."""
    return cue[:, None] + 1 + np.arange(SYMBOLS)


def encode(symbols: np.ndarray, alphabet: int) -> np.ndarray:
    """Return symbols (N, T) as one-hot inputs (N, T, alphabet + 2)."""
    return one_hot(symbols, alphabet + 2)


def plateau(alphabet: int, steps: int) -> Trivial:
    """Return the memoryless plateau: blank until the recall, then uniform over the symbols; every step counts."""
    share, right = SYMBOLS / steps, 1 / alphabet
    metrics = {"loss": share * np.log(alphabet), "error": share * (1 - right), "sequence_error": 1 - right**SYMBOLS}
    sentence = f"Blank until the recall, then uniform over {alphabet} symbols: 10 ln {alphabet} / {steps} nats a step."
    return Trivial({metric: float(value) for metric, value in metrics.items()}, sentence)


def plateau_logits(targets: np.ndarray, alphabet: int) -> np.ndarray:
    """Return the logits (N, T, alphabet + 1) of :func:`plateau`, which knows when the targets (N, T) are blank."""
    blank = (targets == alphabet)[..., None]
    is_blank_class = np.arange(alphabet + 1) == alphabet
    # exp(-1000) is 0 in float64: the plateau is certain of what it knows
    return np.where(blank == is_blank_class, 0.0, -1000.0)
