"""The latch: hold one bit against noise (Bengio, Simard & Frasconi 1994; Hochreiter & Schmidhuber 1997, experiment 3a).

The first three inputs are +1 (class 1) or -1 (class 0), all later ones N(0, .2), .2 being the variance. The class is
due at the last step; guessing is wrong half of the time. The papers fit a number in [0, 1]; here it is a class, with
cross-entropy, as in the other tasks.
"""

from whylstm.tasks import _bits
from whylstm.tasks.base import Batch, Task, last_step

SIGNAL_STEPS = 3
NOISE_VARIANCE = 0.2


class Latch(Task):
    """``length`` steps of one number; two classes at the last step."""

    outputs = 2
    kind = "classification"
    shortest = SIGNAL_STEPS
    success = _bits.CRITERIA
    source = "Bengio, Simard & Frasconi 1994; Hochreiter & Schmidhuber 1997"

    def sample(self, rng, count, length, split):
        bit = _bits.bits(rng, count, 1)
        inputs = rng.normal(0.0, NOISE_VARIANCE**0.5, (count, length, 1))
        inputs[:, :SIGNAL_STEPS] = _bits.shown(bit)
        return Batch(inputs, bit, last_step(length))

    def trivial(self, length, split="train"):
        return _bits.coin(answers=1)


TASK = Latch()
