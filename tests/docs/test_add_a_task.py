"""The task of docs/add-a-task.md, as a reader would copy it, is what every task must be."""

import inspect

import numpy as np
import pytest
import yaml

from tests.docs.blocks import block
from tests.tasks import test_base as laws
from whylstm import tasks
from whylstm.streams import stream
from whylstm.study.config import load
from whylstm.study.design import design
from whylstm.study.trials import trials

PAGE = "add-a-task.md"


def _tasks(law):
    """Return the names of the tasks that a law is asked of."""
    return next(mark.args[1] for mark in law.pytestmark if mark.args[0] == "name")


CONTRACT = [
    law
    for name, law in vars(laws).items()
    if name.startswith("test_") and list(inspect.signature(law).parameters) == ["name"] and "latch" in _tasks(law)
]
"""Every law about one task that is asked of the latch, a task of the same kind."""


@pytest.fixture
def task(added):
    return added(tasks, "majority", block(PAGE, "task"))


@pytest.mark.parametrize("law", CONTRACT, ids=lambda law: law.__name__)
def test_it_keeps_the_contract(task, law):
    law(task)


def test_the_contract_is_not_empty():
    assert len(CONTRACT) >= 8


def test_a_longer_sequence_starts_with_the_shorter_one(task):
    laws.test_a_longer_sequence_starts_with_the_shorter_one(task, 5)


@pytest.mark.parametrize("length", [1, 4, 5])
def test_the_answer_is_the_majority(task, length):
    batch = tasks.load(task).draw(stream(1, "tests"), 200, length)
    total = batch.inputs.sum(axis=(1, 2))
    assert (total != 0).all()
    assert np.array_equal(batch.targets[:, 0] == 1, total > 0)


def test_the_config_of_the_page_puts_it_into_the_study(task):
    config = load(overrides=yaml.safe_load(block(PAGE, "config")))
    assert {point.cell for point in design(config) if point.task == task} == {"tanh", "lstm"}
    found = trials(config["training"])
    votes = [trial for experiment, arm in found for trial in found[experiment, arm] if experiment == task]
    assert {trial.task for trial in votes} == {task}
    assert {(trial.longest, trial.rate) for trial in votes} == {(25, 0.001), (101, 0.001), (25, 0.01), (101, 0.01)}
