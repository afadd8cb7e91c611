"""The copy task with a delay that cannot be foreseen (Tallec & Ollivier 2018): the cue must be waited for.

As ``copy``, but the cue comes d steps after the last symbol, d uniform over 1 … T, drawn for each sequence. A sequence
still has T + 20 steps: blanks follow the recall, and are answered with blanks. Counting steps no longer helps, so that
the plateau 10 ln 8 / (T + 20) is that of a net which sees the cue and has forgotten the symbols. ``length`` is T.
"""

from whylstm.tasks import _recalled
from whylstm.tasks.base import Task

ALPHABET = 8


class CopyVariable(Task):
    """``length`` + 20 steps of ten one-hot symbols; nine classes (eight symbols and the blank) at every step."""

    features = ALPHABET + 2
    outputs = ALPHABET + 1
    kind = "classification"
    success = (_recalled.ALL_TEN,)
    source = "Tallec & Ollivier 2018"

    def steps(self, length):
        return length + 2 * _recalled.SYMBOLS

    def sample(self, rng, count, length, split):
        values = _recalled.values(rng, count, ALPHABET)
        return _recalled.copying(values, rng.integers(1, length + 1, count), self.steps(length), ALPHABET)

    def trivial(self, length, split="train"):
        return _recalled.plateau(ALPHABET, self.steps(length))

    def guess(self, batch, metric="loss"):
        return _recalled.plateau_logits(batch.targets, ALPHABET)


TASK = CopyVariable()
