"""Sequential digits: real handwriting, read pixel by pixel, row after row, named after the last pixel.

64 steps of one grey value in [0, 1]. A shorter length shows the first pixels only. The pixel-by-pixel reading is that
of Le, Jaitly & Hinton 2015, who read the 784 pixels of MNIST.
"""

import numpy as np

from whylstm.tasks import _digits
from whylstm.tasks.base import Task


class Digits(Task):
    """Up to 64 steps of one grey value; ten classes at the last step."""

    outputs = _digits.CLASSES
    kind = "classification"
    reads_length = False
    longest = _digits.PIXELS
    success = _digits.CRITERIA
    source = "UCI optical digits (Alpaydin & Kaynak 1998), as in scikit-learn; read as in Le, Jaitly & Hinton 2015"

    def sample(self, rng, count, length, split):
        return _digits.draw(rng, count, length, split, np.arange(_digits.PIXELS))

    def trivial(self, length, split="train"):
        return _digits.trivial(split)

    def guess(self, batch, metric="loss"):
        return _digits.guess(batch)


TASK = Digits()
