"""Examinations: what counts as success, on which sequences, and what untrained models score."""

import numpy as np
import pytest
import torch

from tests.training import models
from whylstm import cells, tasks
from whylstm.tasks.base import Criterion
from whylstm.training import engine, evaluate
from whylstm.training.bptt import gradient
from whylstm.training.evaluate import PIECE, Examination
from whylstm.training.sequences import answer_steps

ALWAYS = Criterion("always", "error", 2.0, "an error is at most one")
NEVER = Criterion("never", "error", 0.0, "an error is at least zero")


@pytest.mark.parametrize("name", cells.names())
def test_outputs_are_those_that_the_loss_is_made_of(name):
    """Two routes to the loss: score of the forward-only outputs, and the training pass."""
    ensemble = models.ensemble(name, "temporal_order", models.members(3), hidden=7)
    task = tasks.load("temporal_order")
    sequences = models.sequences("temporal_order", 11, 6, [0, 0, 0])
    batch = evaluate._piece(task, 11, 0, 0, 0)
    batch = type(batch)(sequences.inputs[0].numpy(), sequences.targets[0].numpy(), batch.where)
    values = engine.outputs(ensemble, sequences.inputs[0], answer_steps(batch))
    scored = [task.score(outputs, batch)["loss"] for outputs in values]
    np.testing.assert_allclose(scored, gradient(ensemble, sequences).loss, rtol=1e-12)  # rounding of 11 steps


def test_a_score_does_not_depend_on_company_or_on_how_often_pieces_are_asked_for():
    ensemble = models.ensemble("lstm", "copy", models.members(4), 5, torch.float32)
    task, asked = tasks.load("copy"), (20, 3, 500)
    whole = evaluate.score(ensemble, task, *asked, range(2))
    for places in ([1], [3, 0]):
        assert evaluate.score(ensemble.take(places), task, *asked, range(2)) == [whole[place] for place in places]
    halves = [evaluate.score(ensemble, task, *asked, [piece]) for piece in (0, 1)]
    for place, metrics in enumerate(whole):
        for name, value in metrics.items():  # means of equally many sequences; one rounding each
            np.testing.assert_allclose(np.mean([half[place][name] for half in halves]), value, rtol=1e-13)


def test_only_who_passes_the_screen_is_examined_on_everything():
    ensemble = models.ensemble("tanh", "temporal_order", models.members(2), 5)
    examination = Examination(every=1, screen=PIECE - 1, sequences=2 * PIECE + 1)

    def examine(criterion):
        return evaluate.examine(ensemble, tasks.load("temporal_order"), 10, 3, 1, examination, criterion)

    assert [(result.sequences, result.success) for result in examine(ALWAYS)] == [(3 * PIECE, True)] * 2
    assert [(result.sequences, result.success) for result in examine(NEVER)] == [(PIECE, False)] * 2
    lucky = Criterion("in between", "error", examine(NEVER)[0].metrics["error"] + 1e-9, "what the first one has")
    first = examine(lucky)[0]
    assert first.sequences == 3 * PIECE
    assert first.success == lucky.met(first.metrics)


def test_outputs_that_are_not_finite_are_no_success():
    ensemble = models.ensemble("lstm", "temporal_order", models.members(2), 5)
    ensemble.weights["V"][1] = torch.nan
    found = evaluate.examine(ensemble, tasks.load("temporal_order"), 10, 3, 1, Examination(1, 250, 250), ALWAYS)
    assert found[1].metrics["error"] == 1
    assert np.isfinite(found[0].metrics["loss"])


@pytest.mark.parametrize(("task", "length"), [("temporal_order", 30), ("adding", 30), ("copy", 10), ("digits", 64)])
def test_an_untrained_model_does_not_beat_the_trivial_predictor(task, length):
    """Its mean advantage over the trivial predictor, sequence by sequence, stays below the 99.9% sampling band."""
    part, count = tasks.load(task), 8
    ensemble = models.ensemble("lstm", task, models.members(count), hidden=8)
    batches = [evaluate._piece(part, length, 11, 0, piece) for piece in range(4)]
    for place in range(count):
        gains = []
        for batch in batches:
            values = engine.outputs(ensemble.take([place]), torch.from_numpy(batch.inputs), answer_steps(batch))[0]
            constant = part.guess(batch)
            for row in range(PIECE):
                one = type(batch)(batch.inputs[row : row + 1], batch.targets[row : row + 1], batch.where)
                gains.append(
                    part.score(constant[row : row + 1], one)["loss"] - part.score(values[row : row + 1], one)["loss"]
                )
        error = np.std(gains, ddof=1) / np.sqrt(len(gains))
        assert np.mean(gains) < 3.09 * error  # the one-sided 99.9% point of the normal law of a mean of 1000
