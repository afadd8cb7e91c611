"""The jobs of the training stage: trials cut into pieces of even work, and the names of the pieces, made from content.

All trials of one task are a chunk. One with too much work is split: by cell, then by what trials must share to be
trained together (:attr:`whylstm.study.trials.Trial.shared`), then bit by bit by the trials' digests. So a small study
has a few jobs, a large one many, and a new trial can split the chunk that it falls into and touches no other. All
networks of a trial are in one chunk. Work is estimated for runs that go to the budget; those that are solved end
earlier.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from whylstm.study import training_cost as cost
from whylstm.study.trials import Trial

MOST_SECONDS = 90.0
"""Estimated work, in seconds of one core, above which a chunk of more than one trial is split."""

MOST_BITS = 64
Counts = Mapping[Trial, int]
"""How many networks each trial has."""


@dataclass(frozen=True)
class TrainingChunk:
    """One job.

    Attributes:
        name: made from what its trials share, and the bits of their digests where a group is split.
        trials: sorted by id, each with its number of networks.
        seconds: estimated work on one core if every run goes to the budget, start of the process included.
    """

    name: str
    trials: tuple[tuple[Trial, int], ...]
    seconds: float

    @cached_property
    def memory(self) -> int:
        """Estimated bytes."""
        return max(cost.memory(group) for group in ensembles(dict(self.trials)))

    @property
    def memory_mib(self) -> int:
        """The estimated memory in MiB, rounded up, as schedulers ask for it."""
        return -(-self.memory // 2**20)

    @property
    def disk(self) -> int:
        """Estimated bytes of its records."""
        return sum(cost.disk(trial, count) for trial, count in self.trials)

    @property
    def priority(self) -> int:
        """Longest first: the estimated whole seconds."""
        return int(self.seconds)


def training_chunks(counts: Counts) -> list[TrainingChunk]:
    """Return the chunks of some trials, the longest first; equal ones by name."""
    found = [chunk for name, group in _grouped(counts, _task).items() for chunk in _split(name, group, (_cell, shape))]
    return sorted(found, key=lambda chunk: (-chunk.seconds, chunk.name))


def ensembles(counts: Counts) -> list[Counts]:
    """Return the trials in groups that are trained together."""
    return list(_grouped(counts, shape).values())


def _task(trial: Trial) -> str:
    return trial.task


def _cell(trial: Trial) -> str:
    return f"{trial.task}-{trial.cell}"


def shape(trial: Trial) -> str:
    """Return the name of what a trial shares with its ensemble, such as ``temporal_order-lstm-h050-t0100-1a2b3c``."""
    from whylstm.streams import digest  # here, because it brings numpy along

    rest = digest({str(place): repr(value) for place, value in enumerate(trial.shared)})[:6]
    return f"{_cell(trial)}-h{trial.hidden:03d}-t{trial.longest:04d}-{rest}"


def _grouped(counts: Counts, key: Callable[[Trial], str]) -> dict[str, Counts]:
    groups: dict[str, dict[Trial, int]] = defaultdict(dict)
    for trial, count in counts.items():
        groups[key(trial)][trial] = count
    return dict(groups)


def _split(
    name: str, counts: Counts, keys: tuple[Callable[[Trial], str], ...], bits: str = ""
) -> Iterator[TrainingChunk]:
    """Yield the chunks of a group: itself if it is small, else those of its parts by the first key, or by one bit."""
    work = sum(cost.seconds(trial, count) for trial, count in counts.items())
    if work <= MOST_SECONDS or len(counts) == 1 or len(bits) == MOST_BITS:
        trials = tuple(sorted(counts.items(), key=lambda item: item[0].id))
        yield TrainingChunk(f"{name}-{bits}" if bits else name, trials, work + cost.SECONDS_PER_JOB)
    elif keys:
        for part, group in _grouped(counts, keys[0]).items():
            yield from _split(part, group, keys[1:])
    else:
        for part, group in _grouped(counts, lambda trial: _leading_bits(trial, len(bits) + 1)).items():
            yield from _split(name, group, (), part)


def _leading_bits(trial: Trial, count: int) -> str:
    return f"{int(trial.digest[:16], 16):064b}"[:count]
