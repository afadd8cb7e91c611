"""Numbers that the literature quotes for guessing, each by a second route: sums and integrals, not the formula."""

import math

import numpy as np
import pytest

from whylstm import tasks
from whylstm.streams import stream
from whylstm.tasks import _digits

U = (np.arange(1_000_000) + 0.5) / 1_000_000
"""Midpoints: the mean of f(U) is ∫f over (0, 1), to 1e-6 even where f has corners or jumps in value of order 1."""


def mean_within(centre: float, width: float) -> float:
    """P(|(u + v)/2 - centre| < width), by integrating over u the length of v's interval."""
    low, high = (np.clip(2 * (centre + sign * width) - U, 0, 1) for sign in (-1, 1))
    return float((high - low).mean())


def product_within(centre: float, width: float) -> float:
    """P(|u v - centre| < width), likewise."""
    low, high = (np.clip((centre + sign * width) / U, 0, 1) for sign in (-1, 1))
    return float((high - low).mean())


def best(within, width: float) -> tuple[float, float]:
    """The best constant on a grid of steps of .01, and how often it is within ``width``."""
    return max(((within(centre, width), centre) for centre in np.arange(0, 1.005, 0.01)), key=lambda pair: pair[0])


@pytest.mark.parametrize(
    ("name", "within", "metric", "width", "share", "at"),
    [
        ("adding_pascanu", mean_within, "missed_squared", 0.2, 0.64, 0.5),
        ("adding_pascanu", mean_within, "missed_absolute", 0.04, 0.15, 0.5),
        ("multiplication", product_within, "missed_squared", 0.2, 0.77, 0.2),
        ("multiplication", product_within, "missed_absolute", 0.04, 0.28, 0.04),
    ],
)
def test_a_constant_already_scores(name, within, metric, width, share, at):
    reached, centre = best(within, width)
    assert 1 - tasks.load(name).trivial(20).metrics[metric] == pytest.approx(reached, abs=1e-5)
    assert round(reached, 2) == share  # as quoted
    assert centre == pytest.approx(at)


def test_the_constant_that_is_guessed_is_the_best_one():
    # every constant's share of hits on 20,000 sequences lies within the band of Dvoretzky, Kiefer & Wolfowitz (99.9%:
    # sqrt(ln(2/.001)/2n) for each of the interval's two ends) of its chance, which cannot exceed the stated best
    for name in ("adding", "adding_pascanu", "multiplication"):
        task = tasks.load(name)
        truth = task.draw(stream(2, "tests of constants", task=name), 20_000, 20).targets[:, 0, 0]
        band = 2 * math.sqrt(math.log(2 / 0.001) / (2 * truth.size))
        for metric, width in {"missed_squared": 0.2, "missed_absolute": 0.04}.items():
            hits = [np.mean(abs(truth - constant) < width) for constant in np.arange(0, 2, 0.01)]
            assert max(hits) <= 1 - task.trivial(20).metrics[metric] + band


def test_adding_costs_a_sixth():
    # E(u + v - 1)² = 2 Var u, integrated
    assert tasks.load("adding").trivial(50).loss == pytest.approx(2 * ((U - 0.5) ** 2).mean(), rel=1e-9)
    assert tasks.load("adding").trivial(50).loss == 1 / 6


def test_multiplication_costs_seven_parts_in_144():
    assert tasks.load("multiplication").trivial(50).loss == pytest.approx((U**2).mean() ** 2 - U.mean() ** 4, rel=1e-9)


def test_temporal_order_costs_ln_4_and_ln_8():
    two, three = tasks.load("temporal_order").trivial(30), tasks.load("temporal_order_3bit").trivial(30)
    assert (two.loss, two.metrics["error"]) == (math.log(4), 0.75)
    assert (three.loss, three.metrics["error"]) == (math.log(8), 0.875)


@pytest.mark.parametrize("length", [1, 10, 500])
@pytest.mark.parametrize("name", ["copy", "copy_variable"])
def test_the_memoryless_plateau(name, length):
    task = tasks.load(name)
    batch = task.draw(stream(2, "tests of plateaus"), 3, length)
    # by hand: each step costs nothing where the answer is blank, and the entropy of eight symbols elsewhere
    by_hand = np.where(batch.targets == 8, 0.0, -math.log(1 / 8)).mean()
    assert task.trivial(length).loss == pytest.approx(by_hand, rel=1e-12)
    assert task.trivial(length).loss == pytest.approx(10 * math.log(8) / (length + 20), rel=1e-12)


def test_ten_symbols_out_of_five_are_not_guessed():
    trivial = tasks.load("noiseless_memory").trivial(100)
    assert trivial.loss == math.log(5)
    assert 1 - trivial.metrics["sequence_error"] == pytest.approx(1 / 9_765_625, rel=1e-8)  # 1 - (1 - 1e-7): 1e-16/1e-7


@pytest.mark.parametrize("name", ["random_permutation", "delayed_xor", "parity", "latch"])
def test_a_coin_is_wrong_half_of_the_time(name):
    trivial = tasks.load(name).trivial(20)
    assert (trivial.loss, trivial.metrics["error"]) == (math.log(2), 0.5)


def test_digits_cost_their_entropy_on_the_train_split_and_no_less_on_the_test_split():
    train, test = (tasks.load("digits").trivial(64, split) for split in ("train", "test"))
    labels = _digits.images()[1][_digits.members("train")]
    counts = np.array([(labels == digit).sum() for digit in range(10)])
    assert train.loss == pytest.approx(math.log(len(labels)) - (counts * np.log(counts)).sum() / len(labels), rel=1e-12)
    assert train.metrics["error"] == pytest.approx(1 - counts.max() / len(labels))
    # Gibbs: with the train split's frequencies the test split costs at least its own entropy
    share = _digits.frequencies("test")
    assert test.loss > -(share * np.log(share)).sum()
