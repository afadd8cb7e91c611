"""Estimates of the training stage: they grow with what they are made of, and are of the right size."""

import dataclasses

import pytest

from tests.study.test_train import TRIAL
from whylstm.study import training_cost
from whylstm.study.training_cost import disk, memory, seconds, update_seconds
from whylstm.training import compiled_cells, evaluate

SIZES = {"sequences": 5, "hidden": 6, "longest": 10}


@pytest.mark.parametrize("field", [*SIZES, "budget"])
def test_work_grows_with_what_it_is_made_of(field):
    larger = dataclasses.replace(TRIAL, **{field: 10 * getattr(TRIAL, field)})
    assert seconds(larger, 2) > seconds(TRIAL, 2)
    assert seconds(TRIAL, 4) == 2 * seconds(TRIAL, 2)


@pytest.fixture
def plain(monkeypatch):
    """A cell that has no kernel, as one that was just added."""
    names = [name for name in compiled_cells.names() if name != "slstm"]
    monkeypatch.setattr(compiled_cells, "names", lambda: names)
    return "slstm"


def test_a_cell_without_a_kernel_takes_longer(plain):
    assert update_seconds(dataclasses.replace(TRIAL, cell=plain)) > update_seconds(TRIAL)


def test_memory_grows_with_the_arrays_and_without_a_kernel_with_the_networks(plain):
    size = dataclasses.replace(TRIAL, hidden=512, longest=1000, sequences=100)
    assert memory({size: 1}) > 2 * memory({TRIAL: 1})
    size = dataclasses.replace(size, cell="lstm")
    other = dataclasses.replace(size, cell=plain)
    assert memory({other: 8}) - memory({other: 4}) > 4 * (memory({size: 8}) - memory({size: 4}))


def test_records_grow_with_what_is_recorded():
    assert disk(dataclasses.replace(TRIAL, budget=12_000), 3) > disk(TRIAL, 3) < disk(TRIAL, 6)


def test_what_a_plan_must_know_without_torch_is_what_the_engine_does():
    assert evaluate.PIECE == training_cost.PIECE
