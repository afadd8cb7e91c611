"""What a trial costs: seconds, bytes of memory and bytes of records, from its sizes alone.

The seconds are those of runs that go to their budget; who is solved ends earlier. The rates are a fit to the CPU time
of a whole default study with a job on every core (``benchmarks/training_cost.py``), four chunks in five within a fifth;
like those of :mod:`whylstm.study.cost` they serve to cut work into even jobs and to say how long it takes.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping

from whylstm import readers, tasks
from whylstm.study.cost import BYTES_IMPORTED, SECONDS_PER_JOB
from whylstm.study.trials import Trial
from whylstm.training import compiled_cells

__all__ = ["BYTES_IMPORTED", "SECONDS_PER_JOB", "disk", "memory", "seconds", "update_seconds"]

OPERATIONS_PER_SECOND = 80e9
SECONDS_PER_ELEMENT = {"compiled": 1.55e-9, "plain": 40e-9, "attention": 6.9e-9}
"""One drive of one unit at one step of one sequence, forward and backward, by the way it is computed."""
SECONDS_PER_LOOK = 980e-6
"""Attention's fixed share of an update: it takes some sixty calls."""
SECONDS_PER_UPDATE = 60e-6
LANES = 16
LONGEST_PROBED = 300
"""Steps of a probe beyond which it takes no longer."""

PIECE = 250
"""Sequences that are examined at a time."""

SUPPLIED = 4 << 20
"""Bytes of the sequences that are drawn ahead for each replicate, with what is made of them."""


def seconds(trial: Trial, replicates: int) -> float:
    """Return the estimated work of a trial, in seconds of one core."""
    return replicates * (trial.budget * update_seconds(trial) + probes(trial) * probe_seconds(trial))


def probes(trial: Trial) -> int:
    """Return how many times a network is probed that trains to the budget."""
    return trial.probes * len(str(trial.budget)) + 2


def probe_seconds(trial: Trial) -> float:
    """Return the estimated time of one probe of one network, in seconds."""
    if _way(trial.cell) == "attention":
        return 0.02
    drives, steps = len(readers.load(trial.cell).gates), tasks.load(trial.task).steps(trial.longest)
    return 0.01 + 0.011 * drives + min(steps, LONGEST_PROBED) * (6e-5 + 1.1e-4 * drives)


def update_seconds(trial: Trial) -> float:
    """Return the estimated time of one update of one network, in seconds, with its share of the examinations."""
    cell, task = readers.load(trial.cell), tasks.load(trial.task)
    places = read(trial) * task.steps(trial.longest) * padded(trial.hidden)
    operations = 6 * places * (len(cell.recurrent_gates) * trial.hidden + len(cell.gates) * (task.features + 1))
    drives = len({*cell.gates, *cell.recurrent_gates})
    elementwise = places * drives * SECONDS_PER_ELEMENT[_way(trial.cell)]
    fixed = SECONDS_PER_UPDATE + SECONDS_PER_LOOK * (_way(trial.cell) == "attention")
    return operations / OPERATIONS_PER_SECOND + elementwise + fixed


def read(trial: Trial) -> float:
    """Return the sequences of an update; those of examinations, which are only read, count a third."""
    return trial.sequences + PIECE * -(-trial.screen // PIECE) / 3 / trial.every


def memory(counts: Mapping[Trial, int]) -> int:
    """Return the estimated bytes of a job while it trains some trials together; each with its number of networks."""
    trial, networks = next(iter(counts)), sum(counts.values())
    cell, task = readers.load(trial.cell), tasks.load(trial.task)
    steps, size = task.steps(max(trial.longest, *trial.extrapolate, 1)), 4 if trial.precision == "float32" else 8
    drives = len({*cell.gates, *cell.recurrent_gates})
    kept = 4 * drives + 8  # what a step leaves for the way back
    together = 1 if _way(trial.cell) == "compiled" else networks
    passes = size * kept * steps * trial.sequences * padded(trial.hidden) * together
    examined = 3 * 8 * PIECE * steps * (task.features + task.outputs)
    rows = 6 * size * networks * len(cell.gates) * trial.hidden * (trial.hidden + task.features + 1)
    return BYTES_IMPORTED + passes + examined + rows + max(counts.values()) * SUPPLIED + 3 * _held(counts)


def disk(trial: Trial, replicates: int) -> int:
    """Return the estimated bytes of a trial's records: learning curve, examinations, probes, weights."""
    cell, task = readers.load(trial.cell), tasks.load(trial.task)
    rows = trial.budget // trial.record + 4 * (trial.budget // trial.every)
    lags = 30 * trial.probes * len(str(trial.budget))
    weights = len(cell.gates) * trial.hidden * (trial.hidden + task.features + 1)
    return replicates * (8 * (8 * rows + 25 * lags) + 4 * weights) + 40_000


@functools.cache  # asked for each trial again and again, and each time a folder would be listed
def _way(cell: str) -> str:
    """Return how networks of a cell are computed."""
    if cell == "attention":
        return "attention"
    return "compiled" if cell in compiled_cells.names() else "plain"


def _held(counts: Mapping[Trial, int]) -> int:
    return sum(disk(trial, count) for trial, count in counts.items())


def padded(number: int) -> int:
    """Return a number of units as kernels hold it, in whole vectors."""
    return -(-number // LANES) * LANES
