"""How well models do on fresh sequences, and whether that counts as success.

Fresh sequences come in pieces of a fixed size, each from a stream keyed by (seed, task, length, update, piece). All
models that are examined at an update read the same ones; what a model scores depends on nothing else.

An examination has two stages, to spend little on models that are far from success: a model that meets the task's
criterion on the ``screen`` is examined on all ``sequences`` (the screen is part of them) and must meet it there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from whylstm.streams import stream
from whylstm.tasks.base import Batch, Criterion, Metrics, Task
from whylstm.training import engine
from whylstm.training.ensemble import Ensemble
from whylstm.training.sequences import answer_steps

PIECE = 250
"""Sequences per piece. A constant: a matrix product's last digit may depend on how many rows it has."""


@dataclass(frozen=True)
class Examination:
    """When models are examined, and on how many sequences.

    Attributes:
        every: updates between examinations.
        screen: sequences of the first stage.
        sequences: sequences of the whole examination, at least ``screen``; both are rounded up to whole pieces.
    """

    every: int = 500
    screen: int = 1000
    sequences: int = 10_000


@dataclass(frozen=True)
class Result:
    """What one model scored.

    Attributes:
        metrics: those of ``Task.score``, on the sequences that it was examined on.
        sequences: how many these were.
        success: whether it met the criterion in both stages.
    """

    metrics: Metrics
    sequences: int
    success: bool


def examine(
    ensemble: Ensemble, task: Task, length: int, seed: int, update: int, examination: Examination, criterion: Criterion
) -> list[Result]:
    """Return every model's result; see the module's docstring."""
    screen = -(-examination.screen // PIECE)
    scores = score(ensemble, task, length, seed, update, range(screen))
    results = [Result(metrics, screen * PIECE, False) for metrics in scores]
    passed = [place for place, metrics in enumerate(scores) if criterion.met(metrics)]
    if passed:
        whole = -(-examination.sequences // PIECE)
        finals = score(ensemble.take(passed), task, length, seed, update, range(whole))
        for place, metrics in zip(passed, finals, strict=True):
            results[place] = Result(metrics, whole * PIECE, criterion.met(metrics))
    return results


def score(ensemble: Ensemble, task: Task, length: int, seed: int, update: int, pieces: Sequence[int]) -> list[Metrics]:
    """Return the metrics of every model on some pieces of the fresh sequences of an update."""
    found, asked = [], []
    for piece in pieces:
        batch = _piece(task, length, seed, update, piece)
        inputs = torch.from_numpy(batch.inputs).to(ensemble.rows.dtype)
        found.append(engine.outputs(ensemble, inputs, answer_steps(batch)))
        asked.append(Batch(batch.inputs[:0], batch.targets, batch.where))  # inputs of long sequences are large
    everything = _joined(asked)
    return [task.score(values, everything) for values in np.concatenate(found, axis=1)]


def _piece(task: Task, length: int, seed: int, update: int, piece: int) -> Batch:
    rng = stream(seed, "evaluation", task=task.name, length=length, update=update, piece=piece)
    return task.draw(rng, PIECE, length, split="test")


def _joined(batches: Sequence[Batch]) -> Batch:
    """Return the answers of all batches as one batch without inputs, which a score does not read."""
    return Batch(batches[0].inputs[:0], np.concatenate([batch.targets for batch in batches]), batches[0].where)
