"""Running parity: is the number of ones so far odd, at every step?

As ``parity``, with every prefix asked about, so that a network hears at once where it went wrong.
"""

from whylstm.tasks import _running
from whylstm.tasks.base import Task

TABLE = _running.cyclic(2)


class ParityRunning(Task):
    """``length`` steps of one-hot bits; two classes at every step."""

    features = 2
    outputs = 2
    kind = "classification"
    reads_length = False
    success = _running.CRITERIA
    source = "Grazzi et al. 2025; asked at every step"

    def sample(self, rng, count, length, split):
        return _running.sample(rng, count, length, TABLE)

    def trivial(self, length, split="train"):
        return _running.trivial(2, length)


TASK = ParityRunning()
