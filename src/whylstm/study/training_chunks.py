"""The jobs of the training stage: trials that can be trained together, cut into pieces of even work.

Trials of a chunk share the arrays' shapes and the plan, and differ in arms and initial weights. As in the simulation
stage, a group with too much work is split by the leading bits of the trials' digests. All replicates of a trial are in
one chunk. Work is estimated for runs that all go to the budget; those that are solved stop earlier.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from whylstm import cells, tasks
from whylstm.study.cost import SECONDS_PER_JOB
from whylstm.study.trials import Trial

MOST_SECONDS = 120.0
"""Estimated work, in seconds of one core, above which a chunk of more than one trial is split."""

COMPILED = frozenset({"gru", "linear", "lru", "lstm", "minlstm", "orthogonal", "relu", "tanh"})
"""Cells with a compiled kernel, whose names the kernels' own module keeps (it imports torch, and a plan must not)."""

# A fit to the CPU time of whole updates (tanh, lstm, gru; H = 50 ... 128) on one busy core, good to some ten percent.
OPERATIONS_PER_SECOND = 130e9
SECONDS_PER_ELEMENT = {True: 1.5e-9, False: 40e-9}
"""One drive of one unit at one step of one sequence, forward and backward: compiled, and the plain way."""
SECONDS_PER_UPDATE = 30e-6
SECONDS_PER_PROBE = 0.06
LANES = 16


@dataclass(frozen=True)
class TrainingChunk:
    """One job.

    Attributes:
        name: made from what its trials share, and the bits of their digests where a group is split.
        trials: sorted by id.
        seconds: estimated work on one core if every run goes to the budget, start of the process included.
    """

    name: str
    trials: tuple[Trial, ...]
    seconds: float


def training_chunks(trials: list[Trial], replicates: int) -> list[TrainingChunk]:
    """Return the chunks of some trials (each counts once), the longest first; equal ones by name."""
    groups: dict[str, list[Trial]] = defaultdict(list)
    for trial in dict.fromkeys(trials):
        groups[group_name(trial)].append(trial)
    found = [chunk for name, group in groups.items() for chunk in _split(name, "", group, replicates)]
    return sorted(found, key=lambda chunk: (-chunk.seconds, chunk.name))


def group_name(trial: Trial) -> str:
    """Return the name of what a trial shares with its group, such as ``lstm-h050-t0100-temporal_order-1a2b3c``."""
    from whylstm.streams import digest  # here, because it brings numpy along

    rest = digest({str(place): repr(value) for place, value in enumerate(trial.shared)})[:6]
    return f"{trial.cell}-h{trial.hidden:03d}-t{trial.longest:04d}-{trial.task}-{rest}"


def seconds(trial: Trial, replicates: int) -> float:
    """Return the estimated work of a trial, in seconds of one core."""
    decades = len(str(trial.budget))
    return replicates * (trial.budget * update_seconds(trial) + (trial.probes * decades + 1) * SECONDS_PER_PROBE)


def update_seconds(trial: Trial) -> float:
    """Return the estimated time of one update of one network, in seconds."""
    cell, task = cells.load(trial.cell), tasks.load(trial.task)
    places = trial.sequences * task.steps(trial.longest) * (-(-trial.hidden // LANES) * LANES)
    operations = 6 * places * (len(cell.recurrent_gates) * trial.hidden + len(cell.gates) * (task.features + 1))
    elementwise = places * len(cell.gates) * SECONDS_PER_ELEMENT[trial.cell in COMPILED]
    return operations / OPERATIONS_PER_SECOND + elementwise + SECONDS_PER_UPDATE


def _split(group: str, bits: str, trials: list[Trial], replicates: int) -> Iterator[TrainingChunk]:
    work = sum(seconds(trial, replicates) for trial in trials)
    if work > MOST_SECONDS and len(trials) > 1 and len(bits) < 64:
        for bit in "01":
            half = [trial for trial in trials if _leading_bits(trial, len(bits) + 1) == bits + bit]
            if half:
                yield from _split(group, bits + bit, half, replicates)
        return
    name = f"{group}-{bits}" if bits else group
    yield TrainingChunk(name, tuple(sorted(trials, key=lambda trial: trial.id)), work + SECONDS_PER_JOB)


def _leading_bits(trial: Trial, count: int) -> str:
    return f"{int(trial.digest[:16], 16):064b}"[:count]
