"""Tasks of state tracking and of recall: laws of their sequences, and networks set by hand that solve them.

A construction shows at once that the task asks what it says, that the cell can do it, and at which length it fails.
"""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch
from torch import Tensor

from whylstm import cells, tasks
from whylstm.gradients.attention import attend
from whylstm.gradients.trajectory import run
from whylstm.streams import stream
from whylstm.tasks import _running
from whylstm.tasks.base import Batch

GROUPS = {
    "parity_running": _running.cyclic(2),
    "modular_sum": _running.cyclic(3),
    "modular_sum_5": _running.cyclic(5),
    "permutations_3": _running.symmetric(3),
    "permutations_5": _running.symmetric(5),
}
SHARP = 20.0
"""The slope with which a tanh unit is a threshold: tanh(20 · ½) is 1 - 4e-9."""


def draw(name: str, length: int, count: int = 50, split: str = "test") -> Batch:
    return tasks.load(name).draw(stream(5, "tests of constructions", task=name), count, length, split)


def outputs(name: str, U: Tensor, W: Tensor, b: Tensor, batch: Batch) -> np.ndarray:
    """Return h at every step, (N, T, H), of one model whose weights are (G, H, H), (G, H, D) and (G, H)."""
    weights = {"U": U[None], "W": W[None], "b": b[None]}
    states = run(cells.load(name), weights, torch.from_numpy(batch.inputs)[None]).states["h"]
    return states[1:, 0].transpose(0, 1).numpy()


@pytest.mark.parametrize("name", sorted(GROUPS))
def test_tables_are_groups(name):
    table = GROUPS[name]
    numbers = np.arange(len(table))
    assert np.array_equal(table[0], numbers) and np.array_equal(table[:, 0], numbers)
    assert all(sorted(row) == sorted(column) == list(numbers) for row, column in zip(table, table.T, strict=True))
    one, two, three = stream(1, "tests of groups", task=name).integers(0, len(table), (3, 1000))
    assert np.array_equal(table[table[one, two], three], table[one, table[two, three]])


def test_three_things_are_moved_as_matrices_move_them():
    orders = list(itertools.permutations(range(3)))
    matrices = np.array([np.eye(3)[list(order)] for order in orders])
    batch = draw("permutations_3", 12)
    for shown, answers in zip(batch.inputs.argmax(axis=2), batch.targets, strict=True):
        standing = np.eye(3)
        for element, answer in zip(shown, answers, strict=True):
            standing = matrices[element] @ standing
            assert np.array_equal(standing, matrices[answer])


def test_modular_sums_are_remainders():
    batch = draw("modular_sum_5", 30)
    assert np.array_equal(batch.targets, batch.inputs.argmax(axis=2).cumsum(axis=1) % 5)


def test_trained_lengths_are_uniform_and_tested_ones_exact():
    train, test = draw("parity_lengths", 9, 20_000, "train"), draw("parity_lengths", 9)
    last = train.where.argmax(axis=1)
    counts = np.bincount(last + 1, minlength=10)[3:]
    # seven binomial counts: 3.9 standard deviations are the 99.9% quantile shared among them
    assert np.abs(counts - 20_000 / 7).max() < 3.9 * (20_000 * 6 / 49) ** 0.5 and counts.sum() == 20_000
    for row, end, answer in zip(train.inputs[:500, :, 0], last[:500], train.targets[:500, 0], strict=True):
        assert (row[: end + 1] > 0).sum() % 2 == answer and not row[end + 1 :].any() and row[: end + 1].all()
    assert list(np.flatnonzero(test.where)) == [8] and test.inputs.all()
    assert np.array_equal(test.targets[:, 0], (test.inputs[..., 0] > 0).sum(axis=1) % 2)


def test_recall_asks_every_key_once():
    batch = draw("recall", 12)
    keys, values = batch.inputs[..., :32], batch.inputs[..., 32:]
    assert (keys.sum(axis=2) == 1).all() and (values.sum(axis=2) == (np.arange(24) < 12)).all()
    shown, asked = keys[:, :12].argmax(axis=2), keys[:, 12:].argmax(axis=2)
    orders = 0
    for row in range(50):
        known = dict(zip(shown[row], values[row, :12].argmax(axis=1), strict=True))
        assert len(known) == 12
        assert [known[key] for key in asked[row]] == batch.targets[row].tolist()
        orders += not np.array_equal(shown[row], asked[row])
    assert orders == 50  # twelve keys come back in their own order once in 12!


def test_selective_copy_scatters_its_symbols():
    batch = draw("selective_copy", 15, 2000)
    symbols = batch.inputs.argmax(axis=2)
    assert (symbols[:, 24] == 9).all() and (symbols[:, 25:] == 8).all() and symbols.shape[1] == 35
    stored = symbols[:, :24] < 8
    assert (stored.sum(axis=1) == 10).all()
    assert np.array_equal(symbols[:, :24][stored].reshape(-1, 10), batch.targets)
    # each of 24 places is used 10/24 of the time: 4.1 standard deviations, the 99.9% quantile shared among them
    assert np.abs(stored.mean(axis=0) - 10 / 24).max() < 4.1 * (10 / 24 * 14 / 24 / 2000) ** 0.5


@pytest.mark.parametrize("length", [3, 40, 256])
def test_two_tanh_units_tell_parity_at_every_length(length):
    """Parity is "one of the two" and not "both": with p = (h₁ - h₂)/2, h₁ = [p + x ≥ 1] and h₂ = [p + x ≥ 2]."""
    batch = draw("parity_lengths", length)
    U = SHARP * torch.tensor([[[0.5, -0.5], [0.5, -0.5]]])
    W, b = SHARP * torch.tensor([[[0.5], [0.5]]]), SHARP * torch.tensor([[0.0, -1.0]])
    h = outputs("tanh", U, W, b, batch)
    odd = (h[..., 0] - h[..., 1]) / 2 - 0.5
    answers = batch.at_answers(np.stack([-odd, odd], axis=-1))
    assert tasks.load("parity_lengths").score(answers, batch)["error"] == 0


@pytest.mark.parametrize("length", [3, 40, 256])
@pytest.mark.parametrize("name", ["parity_running", "modular_sum", "modular_sum_5", "permutations_3"])
def test_a_tanh_network_tracks_any_group_with_a_unit_for_each_pair(name, length):
    """Unit (s, e) says "the state was s and the element is e"; one more unit says that something came before.

    The state is s if one unit leading to s is on: (Σ h + M)/2 is 1, and 0 otherwise, for h = ±1. At the first step all
    h are 0, and a bias stands in for that sum.
    """
    table = GROUPS[name]
    M = len(table)
    unit = {pair: number for number, pair in enumerate(np.ndindex(M, M))}
    U, W, b = (np.zeros(shape) for shape in ((M * M + 1, M * M + 1), (M * M + 1, M), (M * M + 1)))
    for (state, element), row in unit.items():
        for pair, column in unit.items():
            U[row, column] = 0.5 * (table[pair] == state)
        U[row, -1] = M / 2 - (state == 0)
        W[row, element] = 1
        b[row] = (state == 0) - 1.5
    b[-1] = 1
    U, W, b = (torch.from_numpy(SHARP * values)[None] for values in (U, W, b))
    batch = draw(name, length)
    h = outputs("tanh", U, W, b, batch)
    leads = np.array([[table[pair] == state for pair in unit] for state in range(M)])
    assert tasks.load(name).score(h[..., :-1] @ leads.T, batch)["error"] == 0


@pytest.mark.parametrize("length", [1, 12, 32])
def test_attention_recalls_by_the_key(length):
    """Query and key are the key, the value is the value: a step looks at the pair with its own key, and at itself."""
    batch = draw("recall", length)
    inputs = torch.from_numpy(batch.inputs)[None]
    key, value = torch.eye(40)[:32], torch.eye(40)[32:]
    # H = 32 scales scores by 1/√32: 100/5.7 = 18 for a match, so that all others together weigh 64 e^-18.
    weights = {"Q": 10 * key[None], "K": 10 * key[None], "V": torch.cat([value, torch.zeros(24, 40)])[None]}
    answers = batch.at_answers(attend(weights, inputs)[0, ..., :8].numpy())
    assert tasks.load("recall").score(answers, batch)["error"] == 0
    # half a weight on the step itself, which holds no value
    assert np.take_along_axis(answers, batch.targets[..., None], 2) == pytest.approx(0.5, abs=1e-5)
