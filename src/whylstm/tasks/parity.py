"""Parity: is the number of ones among all bits of the sequence odd? (Minsky & Papert 1969; Bengio et al. 1994).

Every bit matters as much as every other, and all but one of them say nothing: guessing is wrong half of the time. The
answer is due at the last step.
"""

from whylstm.tasks import _bits
from whylstm.tasks.base import Batch, Task, last_step


class Parity(Task):
    """``length`` steps of one bit, shown as ±1; two classes at the last step."""

    outputs = 2
    kind = "classification"
    success = _bits.CRITERIA
    source = "Bengio, Simard & Frasconi 1994"

    def sample(self, rng, count, length, split):
        bit = _bits.bits(rng, count, length)
        return Batch(_bits.shown(bit), bit.sum(axis=1, keepdims=True) % 2, last_step(length))

    def trivial(self, length, split="train"):
        return _bits.coin(answers=1)


TASK = Parity()
