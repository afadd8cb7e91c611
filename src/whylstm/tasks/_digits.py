"""The 8 × 8 handwritten digits that scikit-learn ships, as 64 grey values in a row, split for good into train and test.

1,797 scans (UCI, Alpaydin & Kaynak 1998) with grey values 0 … 16, here divided by 16. A fifth of each
digit's images is held out for testing; which ones, the hash of their index says, and nothing that is drawn.
"""

import functools
import hashlib

import numpy as np

from whylstm.tasks.base import Batch, Criterion, Split, Trivial, last_step

PIXELS = 64
CLASSES = 10
TEST_SHARE = 0.2
CRITERIA = (Criterion("ten_percent", "error", 0.10, "fewer than 10% of held-out images wrong (ours)"),)


@functools.cache
def images() -> tuple[np.ndarray, np.ndarray]:
    """Return the images (1797, 64) in [0, 1], row after row of each picture, and their digits (1797,) int64."""
    from sklearn.datasets import load_digits  # heavy, and needed by this data set alone

    data, target = load_digits(return_X_y=True)
    return data / 16, target.astype(np.int64)


def rank(index: int) -> str:
    """Return the hash of an image's index, 64 hexadecimal digits: a fixed order that knows nothing of the image."""
    return hashlib.sha256(f"digits {index}".encode()).hexdigest()


@functools.cache
def members(split: Split) -> np.ndarray:
    """Return the indices of the images of a split, ascending; test holds the lowest fifth by rank of every digit."""
    digits = images()[1]
    held_out = np.zeros(len(digits), dtype=bool)
    for digit in range(CLASSES):
        own = sorted(np.flatnonzero(digits == digit).tolist(), key=rank)
        held_out[own[: round(TEST_SHARE * len(own))]] = True
    return np.flatnonzero(held_out == (split == "test"))


@functools.cache
def frequencies(split: Split) -> np.ndarray:
    """Return the share (10,) of each digit in a split."""
    digits = images()[1][members(split)]
    return np.bincount(digits, minlength=CLASSES) / len(digits)


def draw(rng: np.random.Generator, count: int, length: int, split: Split, order: np.ndarray) -> Batch:
    """Draw images with replacement and show their first ``length`` pixels in the given order (64,)."""
    chosen = members(split)[rng.integers(0, len(members(split)), count)]
    pixels, digits = images()
    return Batch(pixels[chosen][:, order[:length], None], digits[chosen][:, None], last_step(length))


def trivial(split: Split) -> Trivial:
    """Return what the class frequencies of the train split earn on a split, exactly."""
    known, true = frequencies("train"), frequencies(split)
    error = float(1 - true[known.argmax()])
    metrics = {"loss": float(-(true * np.log(known)).sum()), "error": error, "sequence_error": error}
    return Trivial(metrics, f"The digit frequencies of the train split, and its commonest digit, on the {split} split.")


def guess(batch: Batch) -> np.ndarray:
    """Return the logarithm of the train split's frequencies as logits (N, 1, 10)."""
    return np.broadcast_to(np.log(frequencies("train")), (*batch.targets.shape, CLASSES))
