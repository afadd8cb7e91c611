"""The data stage: the sequences that drive the study's models, one file for each task and length.

Replicate r of a file is one sequence from a stream of its own, keyed by the study's seed, the task, r, and the length
if the task reads it. So more replicates leave the first ones as they are, every cell meets the same sequences, and a
longer sequence of a task that does not read its length starts with the shorter one.
"""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np

from whylstm import records, tasks
from whylstm.errors import StudyError
from whylstm.streams import stream
from whylstm.tasks.base import Batch


def sequences(task: str, length: int, replicates: int, seed: int) -> Batch:
    """Draw one sequence for each replicate, in order; axis 0 of the batch is the replicate.

    Raises:
        StudyError: if there is no such task, or it is not defined for this length.
    """
    part = tasks.load(task)
    read = {"length": length} if part.reads_length else {}
    streams = (stream(seed, "data", task=task, replicate=replicate, **read) for replicate in range(replicates))
    drawn = [part.draw(each, 1, length) for each in streams]
    where = drawn[0].where if drawn[0].where.ndim == 1 else np.concatenate([batch.where for batch in drawn])
    inputs, targets = (np.concatenate([getattr(batch, name) for batch in drawn]) for name in ("inputs", "targets"))
    return Batch(inputs, targets, where)


def stage(path: Path | str, task: str, length: int, replicates: int, seed: int) -> None:
    """Write the data file of a task and length: the arrays of a batch by name, with replicates for sequences.

    ``inputs`` (R, T, D) float64; ``targets`` (R, T_out) int64 or (R, T_out, K) float64; ``where`` (T,) or (R, T) bool.

    Raises:
        StudyError: as :func:`sequences`, if there is no replicate, or if the file cannot be written.
    """
    if replicates < 1:
        raise StudyError(f"replicates: {replicates} is not allowed; allowed: at least 1")
    records.write_arrays(path, dataclasses.asdict(sequences(task, length, replicates, seed)))


def read(path: Path | str) -> Batch:
    """Return what :func:`stage` wrote, replicates as sequences.

    Raises:
        StudyError: if the file is missing or damaged, or is no data file.
    """
    arrays = records.read_arrays(path)
    needed = sorted(field.name for field in dataclasses.fields(Batch))
    if sorted(arrays) != needed:
        raise StudyError(f"{path} is no data file: it holds {', '.join(sorted(arrays))}; needed: {', '.join(needed)}")
    return Batch(**arrays)


def trivial_rows(task: str, length: int) -> list[dict[str, str | int | float]]:
    """Return what guessing earns, one row per metric: ``task, length, steps, metric, value, sentence``.

    ``steps`` is the number T of steps in the arrays; ``value`` is in the metric's unit (nats per answer for a
    classification's loss). A task without answers has no rows.
    """
    part = tasks.load(task)
    part.check_length(length)
    trivial = part.trivial(length)
    known: dict[str, str | int | float] = {"task": task, "length": length, "steps": part.steps(length)}
    return [
        {**known, "metric": metric, "value": value, "sentence": trivial.sentence}
        for metric, value in trivial.metrics.items()
    ]
