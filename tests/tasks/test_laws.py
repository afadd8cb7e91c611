"""What each task's sequences are, checked against its definition and, where there is chance, against its law."""

import itertools
import math

import numpy as np
import pytest

from whylstm import tasks
from whylstm.streams import stream
from whylstm.tasks import _digits, _ordered, delayed_xor, digits_permuted

MANY = 20_000


def draw(name: str, length: int, count: int = MANY, split: str = "train"):
    return tasks.load(name).draw(stream(5, "tests of laws", task=name), count, length, split)


def assert_frequencies(values: np.ndarray, expected: dict[int, float]) -> None:
    """Hold each value's count against its expectation, within 4.5 standard deviations of a binomial.

    4.5 is the two-sided 99.9% quantile shared among up to a hundred values (1e-3 / 100 = 1e-5 each: 4.4).
    """
    found = dict(zip(*np.unique(values, return_counts=True), strict=True))
    assert set(found) == set(expected)
    for value, chance in expected.items():
        deviation = math.sqrt(values.size * chance * (1 - chance))
        assert abs(found[value] - values.size * chance) <= 4.5 * deviation, value


def uniform(values) -> dict[int, float]:
    values = list(values)
    return dict.fromkeys(values, 1 / len(values))


def marks(batch) -> np.ndarray:
    """The marked positions (N, 2)."""
    assert (batch.inputs[..., 1].sum(axis=1) == 2).all()
    return np.nonzero(batch.inputs[..., 1])[1].reshape(-1, 2)


def test_noise_is_white():
    inputs = draw("noise", 40, 500).inputs.ravel()
    # standard errors of the first, second, fourth moment of n normals: 1, sqrt(2), sqrt(96) over sqrt(n); 3.3 of them
    for power, moment, deviation in [(1, 0, 1), (2, 1, 2**0.5), (4, 3, 96**0.5)]:
        assert abs((inputs**power).mean() - moment) < 3.3 * deviation / inputs.size**0.5
    neighbours = (inputs[1:] * inputs[:-1]).mean()
    assert abs(neighbours) < 3.3 / inputs.size**0.5


def test_zeros_are_zero():
    assert not draw("zeros", 40, 3).inputs.any()


@pytest.mark.parametrize("length", [20, 21])
def test_adding_marks_one_step_in_each_half(length):
    batch = draw("adding", length)
    first, second = marks(batch).T
    assert_frequencies(first, uniform(range(length // 2)))
    assert_frequencies(second, uniform(range(length // 2, length)))
    rows = np.arange(MANY)
    total = batch.inputs[rows, first, 0] + batch.inputs[rows, second, 0]
    assert np.array_equal(batch.targets[:, 0, 0], total)
    assert list(np.flatnonzero(batch.where)) == [length - 1]


def test_adding_shows_uniform_numbers():
    numbers = draw("adding", 20).inputs[..., 0]
    assert 0 <= numbers.min() < numbers.max() < 1
    assert_frequencies((numbers * 50).astype(int), uniform(range(50)))


@pytest.mark.parametrize(("name", "combine"), [("adding_pascanu", np.mean), ("multiplication", np.prod)])
@pytest.mark.parametrize("length", [10, 25, 40])
def test_pascanus_sequences_have_his_lengths_and_marks(name, combine, length):
    batch = draw(name, length)
    ends = batch.where.argmax(axis=1) + 1
    assert_frequencies(ends, uniform(n for n in range(2 * length) if length <= n < 1.1 * length))
    first, second = marks(batch).T
    assert_frequencies(first, uniform(p for p in range(length) if p < 0.1 * length))
    assert_frequencies(second, uniform(p for p in range(length) if 0.1 * length <= p < 0.5 * length))
    numbers = np.stack([batch.inputs[np.arange(MANY), place, 0] for place in (first, second)])
    assert batch.targets[:, 0, 0] == pytest.approx(combine(numbers, axis=0), abs=1e-15)


@pytest.mark.parametrize("name", ["adding_pascanu", "multiplication"])
def test_what_follows_the_last_step_is_zero_and_fits_the_longest(name):
    batch = draw(name, 40)
    after = np.arange(batch.inputs.shape[1]) >= batch.where.argmax(axis=1)[:, None] + 1
    assert not batch.inputs[after].any()
    assert batch.where[:, -1].any()  # the longest sequence fills the array


@pytest.mark.parametrize(
    ("name", "windows"),
    [("temporal_order", [(0.1, 0.2), (0.5, 0.6)]), ("temporal_order_3bit", [(0.1, 0.2), (0.3, 0.4), (0.6, 0.7)])],
)
@pytest.mark.parametrize("length", [10, 33, 60])
def test_temporal_order_places_its_letters(name, windows, length):
    batch = draw(name, length)
    assert np.array_equal(batch.inputs.sum(axis=2), np.ones((MANY, length)))
    symbols = batch.inputs.argmax(axis=2)
    is_letter = symbols < 2
    assert set(is_letter.sum(axis=1)) == {len(windows)}
    positions = np.nonzero(is_letter)[1].reshape(MANY, -1)
    for place, (low, high) in zip(positions.T, windows, strict=True):
        # a rounding of 1e-9 decides nothing here: tenths of these lengths are at least .1 apart from integers or equal
        inside = [p for p in range(length) if low * length - 1e-9 <= p < high * length - 1e-9]
        assert_frequencies(place, uniform(inside))
    letters = np.take_along_axis(symbols, positions, axis=1)
    assert np.array_equal(batch.targets[:, 0], [int("".join(map(str, row)), 2) for row in letters])
    assert_frequencies(batch.targets, uniform(range(2 ** len(windows))))
    assert_frequencies(symbols[~is_letter], uniform(range(2, 6)))


def test_window_bounds_are_exact_where_floats_are_not():
    # .1 * 30 > 3 and .6 * 55 < 33 in floating point; the integers of the windows must not move with it
    assert _ordered.bounds(30, 1) == (3, 6)
    assert _ordered.bounds(55, 5) == (28, 33)


def copied(batch, alphabet):
    """The inputs as symbols, and each sequence's cue."""
    assert np.array_equal(batch.inputs.sum(axis=2), np.ones(batch.inputs.shape[:2]))
    symbols = batch.inputs.argmax(axis=2)
    assert set((symbols == alphabet + 1).sum(axis=1)) == {1}
    return symbols, (symbols == alphabet + 1).argmax(axis=1)


@pytest.mark.parametrize("length", [1, 2, 17])
def test_copy_asks_for_the_ten_symbols_after_the_cue(length):
    batch = draw("copy", length, 200)
    symbols, cue = copied(batch, 8)
    assert symbols.shape == (200, length + 20)
    assert set(cue) == {10 + length - 1}
    silent = np.delete(symbols[:, 10:], length - 1, axis=1)
    assert (silent == 8).all()
    assert silent.shape[1] == (length - 1) + 10
    assert (batch.targets[:, : length + 10] == 8).all()
    assert np.array_equal(batch.targets[:, length + 10 :], symbols[:, :10])
    assert batch.where.all()
    assert_frequencies(symbols[:, :10], uniform(range(8)))


def test_the_variable_copy_draws_its_delay():
    batch = draw("copy_variable", 12)
    symbols, cue = copied(batch, 8)
    assert_frequencies(cue - 9, uniform(range(1, 13)))
    for row in range(100):
        start = cue[row] + 1
        assert np.array_equal(batch.targets[row, start : start + 10], symbols[row, :10])
        rest = np.delete(batch.targets[row], range(start, start + 10))
        assert (rest == 8).all()
        assert (np.delete(symbols[row, 10:], cue[row] - 10) == 8).all()


def test_noiseless_memory_asks_for_the_ten_symbols_at_the_end():
    batch = draw("noiseless_memory", 7, 2000)
    symbols, cue = copied(batch, 5)
    assert symbols.shape[1] == 27
    assert set(cue) == {16}
    assert np.array_equal(batch.targets, symbols[:, :10])
    assert list(np.flatnonzero(batch.where)) == list(range(17, 27))
    assert_frequencies(symbols[:, :10], uniform(range(5)))


def test_random_permutation_repeats_its_first_symbol():
    batch = draw("random_permutation", 6)
    symbols = batch.inputs.argmax(axis=2)
    assert np.array_equal(batch.targets[:, 0], symbols[:, 0])
    assert_frequencies(symbols[:, 0], uniform(range(2)))
    assert_frequencies(symbols[:, 1:], uniform(range(2, 100)))


@pytest.mark.parametrize("length", [4, 23, 40])
def test_delayed_xor_against_the_definition(length):
    batch, d = draw("delayed_xor", length, 30), delayed_xor.delay(length)
    assert d >= 1
    assert set(np.unique(batch.inputs)) == {-1.0, 1.0}
    bit = (batch.inputs[..., 0] > 0).astype(int)
    steps = np.flatnonzero(batch.where)
    assert list(steps) == list(range(2 * d, length))
    for answer, t in enumerate(steps):
        assert np.array_equal(batch.targets[:, answer], (bit[:, t - d] + bit[:, t - 2 * d]) % 2)


def test_parity_against_all_words():
    batch = draw("parity", 4, 2000)
    rows = [tuple(int(bit > 0) for bit in row) for row in batch.inputs[..., 0]]
    words = dict(zip(rows, batch.targets[:, 0].tolist(), strict=True))
    assert all(words[row] == answer for row, answer in zip(rows, batch.targets[:, 0], strict=True))
    assert words == {word: sum(word) % 2 for word in itertools.product((0, 1), repeat=4)}


def test_the_latch_signals_its_class_and_then_makes_noise():
    batch = draw("latch", 30)
    assert np.array_equal(batch.inputs[:, :3, 0], np.repeat(2 * batch.targets - 1, 3, axis=1))
    assert_frequencies(batch.targets, uniform(range(2)))
    noise = batch.inputs[:, 3:].ravel()
    # standard errors of the mean and variance of n normals of variance .2; 3.3 of them
    assert abs(noise.mean()) < 3.3 * (0.2 / noise.size) ** 0.5
    assert abs(noise.var() - 0.2) < 3.3 * 0.2 * (2 / noise.size) ** 0.5


def test_linear_recall_asks_for_all_delays():
    batch = draw("linear_recall", 130, 20)
    steps = np.flatnonzero(batch.where)
    assert list(steps) == list(range(64, 130))
    for (answer, t), k in itertools.product(enumerate(steps), range(1, 65)):
        assert np.array_equal(batch.targets[:, answer, k - 1], batch.inputs[:, t - k, 0])


def test_linear_recall_has_uniform_inputs_of_variance_one():
    numbers = draw("linear_recall", 130, 1000).inputs / 3**0.5
    assert_frequencies(np.floor(numbers * 25).astype(int), uniform(range(-25, 25)))


def test_the_capacity_counts_the_delays_that_are_recalled():
    task, batch = tasks.load("linear_recall"), draw("linear_recall", 300, 200)
    noise = stream(5, "tests of capacity").normal(size=batch.targets.shape)
    partly = np.where(np.arange(64) < 10, 3 - 2 * batch.targets, noise)
    # each of the 54 delays that are not recalled adds a squared correlation chi²/n, n = 200 * 236 answers
    spare = 54 / (200 * 236)
    assert task.score(partly, batch)["capacity"] == pytest.approx(10 + spare, abs=5 * spare)
    assert task.score(batch.targets, batch)["capacity"] == pytest.approx(64, abs=1e-9)  # rounding of 5e4 terms
    half = batch.targets + noise  # equal parts of truth and noise: corr² = 1/2, and its error 1/sqrt(n) for each delay
    assert task.score(half, batch)["capacity"] == pytest.approx(32, abs=5 * 64 / (200 * 236) ** 0.5)


def test_digits_come_from_their_split_unchanged():
    pixels, digits = _digits.images()
    known = {row.tobytes(): digit for row, digit in zip(pixels, digits, strict=True)}
    for split in ("train", "test"):
        batch = draw("digits", 64, 300, split)
        own = {pixels[index].tobytes() for index in _digits.members(split)}
        for row, answer in zip(batch.inputs[..., 0], batch.targets[:, 0], strict=True):
            assert row.tobytes() in own
            assert known[row.tobytes()] == answer


def test_the_digit_splits_are_a_partition_and_fixed():
    train, test = _digits.members("train"), _digits.members("test")
    assert sorted([*train, *test]) == list(range(1797))
    digits = _digits.images()[1]
    for digit in range(10):
        assert (digits[test] == digit).sum() == round(0.2 * (digits == digit).sum())
    assert (len(test), test[:5].tolist()) == (359, [10, 18, 33, 35, 36])  # never to change: results depend on it


def test_digit_pixels_are_grey_values():
    pixels, digits = _digits.images()
    assert pixels.shape == (1797, 64)
    assert (pixels.min(), pixels.max()) == (0.0, 1.0)
    assert np.array_equal(pixels * 16, np.round(pixels * 16))
    assert set(digits) == set(range(10))


def test_permuted_digits_are_the_same_pixels_in_one_fixed_order():
    task = tasks.load("digits_permuted")
    plain = tasks.load("digits").draw(stream(1, "same"), 40, 64)
    permuted = task.draw(stream(1, "same"), 40, 64)
    order = digits_permuted.order()
    assert sorted(order) == list(range(64))
    assert list(order) != list(range(64))
    assert np.array_equal(permuted.inputs, plain.inputs[:, order])
    assert np.array_equal(permuted.targets, plain.targets)
