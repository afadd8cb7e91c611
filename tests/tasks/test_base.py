"""Every task keeps the contract, and its trivial predictor earns on fresh sequences what it states."""

import numpy as np
import pytest
import torch

from whylstm import tasks
from whylstm.errors import StudyError
from whylstm.streams import stream
from whylstm.tasks.base import Batch, Criterion, classification_metrics

EVERY = tasks.names()
ANSWERED = [name for name in EVERY if tasks.load(name).kind != "none"]


def some_length(task) -> int:
    return max(task.shortest, 20)


def draw(name: str, count: int = 6, length: int | None = None, **fields) -> Batch:
    task = tasks.load(name)
    return task.draw(stream(3, "tests", task=name, **fields), count, length or some_length(task))


def test_the_family_holds_every_task_of_the_study():
    assert set(EVERY) >= {
        "noise", "zeros", "adding", "adding_pascanu", "multiplication", "temporal_order", "temporal_order_3bit", "copy",
        "copy_variable", "noiseless_memory", "random_permutation", "delayed_xor", "parity", "linear_recall", "latch",
        "digits", "digits_permuted", "parity_lengths", "parity_running", "modular_sum", "modular_sum_5",
        "permutations_3", "permutations_5", "recall", "selective_copy",
    }  # fmt: skip


@pytest.mark.parametrize("name", EVERY)
def test_a_batch_has_the_declared_shapes(name):
    task, batch = tasks.load(name), draw(name)
    steps = task.steps(some_length(task))
    assert steps >= some_length(task)
    assert batch.inputs.shape == (6, steps, task.features)
    assert batch.inputs.dtype == np.float64
    assert np.isfinite(batch.inputs).all()
    assert batch.where.dtype == bool
    assert batch.where.shape in ((steps,), (6, steps))
    assert batch.targets.shape[:2] == (6, batch.answers)
    assert (batch.answers == 0) == (task.kind == "none")


@pytest.mark.parametrize("name", ANSWERED)
def test_targets_are_of_the_declared_kind(name):
    task, batch = tasks.load(name), draw(name)
    if task.kind == "classification":
        assert batch.targets.dtype == np.int64
        assert batch.targets.ndim == 2
        assert batch.targets.min() >= 0
        assert batch.targets.max() < task.outputs
    else:
        assert batch.targets.dtype == np.float64
        assert batch.targets.shape[2:] == (task.outputs,)


@pytest.mark.parametrize("name", EVERY)
def test_every_sequence_is_answered_equally_often(name):
    batch = draw(name, count=50)
    rows = np.broadcast_to(batch.where, batch.inputs.shape[:2]).sum(axis=1)
    assert set(rows) == {batch.answers}


@pytest.mark.parametrize("name", EVERY)
def test_a_batch_is_a_function_of_its_stream(name):
    one, same, other = draw(name), draw(name), draw(name, other=True)
    for array in ("inputs", "targets", "where"):
        assert np.array_equal(getattr(one, array), getattr(same, array))
    assert name == "zeros" or not np.array_equal(one.inputs, other.inputs)


@pytest.mark.parametrize("count", [1, 5])
@pytest.mark.parametrize("name", [name for name in EVERY if not tasks.load(name).reads_length])
def test_a_longer_sequence_starts_with_the_shorter_one(name, count):
    short, long = draw(name, count, 11), draw(name, count, 37)
    assert np.array_equal(short.inputs, long.inputs[:, :11])


@pytest.mark.parametrize("name", EVERY)
def test_lengths_out_of_range_are_refused_by_name(name):
    task = tasks.load(name)
    too_many = [] if task.longest is None else [task.longest + 1]
    for length in [task.shortest - 1, *too_many]:
        with pytest.raises(
            StudyError, match=f"length: {length} is not allowed for task '{name}'; allowed: .*{task.shortest}"
        ):
            task.draw(stream(3, "tests"), 2, length)
    task.draw(stream(3, "tests"), 2, task.shortest)


@pytest.mark.parametrize("name", EVERY)
def test_tasks_state_their_source_and_success(name):
    task = tasks.load(name)
    assert task.name == name
    assert task.source
    assert bool(task.success) == (task.kind != "none")
    assert len({criterion.name for criterion in task.success}) == len(task.success)


@pytest.mark.parametrize("name", ANSWERED)
def test_the_trivial_predictor_states_every_metric_and_meets_no_criterion(name):
    task, batch = tasks.load(name), draw(name)
    trivial = task.trivial(some_length(task))
    scored = task.score(task.guess(batch), batch)
    assert set(trivial.metrics) == set(scored)
    assert trivial.sentence
    assert all(isinstance(value, float) for value in [*trivial.metrics.values(), *scored.values()])
    assert not any(criterion.met(trivial.metrics) for criterion in task.success)


@pytest.mark.parametrize("name", ANSWERED)
def test_right_answers_meet_every_criterion(name):
    task, batch = tasks.load(name), draw(name)
    right = batch.targets if task.kind == "regression" else 50.0 * np.eye(task.outputs)[batch.targets]
    metrics = task.score(right, batch)
    assert all(criterion.met(metrics) for criterion in task.success)
    assert metrics["loss"] < 1e-12  # exp(-50) = 2e-22 in each other class


@pytest.mark.parametrize("name", ANSWERED)
def test_the_trivial_predictor_earns_what_it_states(name):
    # 20,000 sequences in 100 batches. Every metric is a mean over sequences, so that batch means are nearly normal and
    # the band is 3.39 standard errors: the 99.9% quantile of Student's t with 99 degrees of freedom. A rate cannot be
    # resolved below one sequence, 1/20,000 (all ten symbols guessed: 1e-7), a constant loss not below rounding.
    task, length = tasks.load(name), some_length(tasks.load(name))
    batches, size = 100, 200
    rng = stream(11, "tests of trivial predictors", task=name)
    drawn = [task.draw(rng, size, length) for _ in range(batches)]
    for metric, stated in task.trivial(length).metrics.items():
        earned = np.array([task.score(task.guess(batch, metric), batch)[metric] for batch in drawn])
        resolution = 1e-12 if metric == "loss" else 1 / (batches * size)
        band = max(3.39 * earned.std(ddof=1) / batches**0.5, resolution)
        assert abs(earned.mean() - stated) <= band, (metric, stated, earned.mean(), band)


@pytest.mark.parametrize("name", [name for name in ANSWERED if tasks.load(name).kind == "classification"])
def test_classification_scores_are_those_of_torch(name):
    task, batch = tasks.load(name), draw(name)
    logits = stream(3, "tests of scores", task=name).normal(size=(*batch.targets.shape, task.outputs)) * 30
    flat, classes = torch.from_numpy(logits).flatten(0, 1), torch.from_numpy(batch.targets).flatten()
    metrics = task.score(logits, batch)
    # the same float64 sums in another order: relative rounding of about 1e-15 times the number of terms
    assert metrics["loss"] == pytest.approx(torch.nn.functional.cross_entropy(flat, classes).item(), rel=1e-12)
    assert metrics["error"] == pytest.approx((flat.argmax(1) != classes).double().mean().item(), abs=1e-12)
    wrong = (logits.argmax(-1) != batch.targets).any(1)
    assert metrics["sequence_error"] == pytest.approx(wrong.mean())


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_outputs_that_are_not_finite_are_wrong_and_have_no_loss(bad):
    logits = np.array([[[bad, 0.0]], [[9.0, 0.0]]])
    metrics = classification_metrics(logits, np.zeros((2, 1), dtype=np.int64))
    assert np.isnan(metrics["loss"])
    assert metrics["error"] == 0.5
    assert metrics["sequence_error"] == 0.5


@pytest.mark.parametrize("name", [name for name in ANSWERED if tasks.load(name).kind == "regression"])
def test_a_net_that_diverged_meets_no_criterion(name):
    task, batch = tasks.load(name), draw(name)
    metrics = task.score(np.full_like(batch.targets, np.nan), batch)
    assert not any(criterion.met(metrics) for criterion in task.success)


def test_a_criterion_is_strict_has_a_direction_and_refuses_nan():
    below = Criterion("low", "error", 0.01, "")
    above = Criterion("high", "error", 0.01, "", above=True)
    assert [below.met({"error": value}) for value in (0.009, 0.01, 0.011, np.nan)] == [True, False, False, False]
    assert [above.met({"error": value}) for value in (0.009, 0.01, 0.011, np.nan)] == [False, False, True, False]


def test_answers_are_picked_in_order_from_every_sequence():
    values = np.arange(24.0).reshape(2, 4, 3)
    same = Batch(values, np.zeros((2, 2)), np.array([False, True, False, True]))
    assert np.array_equal(same.at_answers(values), values[:, [1, 3]])
    own = Batch(values, np.zeros((2, 2)), np.array([[True, True, False, False], [False, False, True, True]]))
    assert np.array_equal(own.at_answers(values), np.stack([values[0, :2], values[1, 2:]]))


def test_an_unknown_task_is_refused_with_the_nearest_name():
    with pytest.raises(StudyError, match="did you mean 'adding'"):
        tasks.load("ading")
