"""What a study will take on this machine: processor hours, memory, disk, and the time on some cores.

The price of every job on the reference machine is scaled by what earlier runs here took for theirs, rule by rule. Where
nothing has run yet, a short probe of the machine says how fast it is. Training can end before its budget, as soon as a
network has solved its task; so its work, and all that holds it, is a range.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median

from whylstm.study.accounts import Account
from whylstm.study.reference import price
from whylstm.study.workload import CHUNKS, Job

SECONDS_BETWEEN_JOBS = 0.3
"""What Snakemake spends around a job: its start, a look at its outputs, its record."""

SECONDS_AROUND = 6.0
"""What it spends before the first job and after the last one."""

EARLIEST = 0.15
"""The share of its budget that training takes at the least, where nothing is known of earlier runs."""

SIGNIFICANT = 20.0
"""Seconds of priced work above which a chunk tells how good its price is."""

TRAINING = "train_chunk"
Factors = dict[str, float]


@dataclass(frozen=True)
class Expected:
    """What one job will take.

    Attributes:
        job: the job.
        low, high: processor seconds, at the least and at the most.
        memory: bytes.
    """

    job: Job
    low: float
    high: float
    memory: float


@dataclass(frozen=True)
class Stop:
    """How much of their budget networks train: as much as in earlier runs, or anything from ``low`` to ``high``."""

    low: float = EARLIEST
    high: float = 1.0


def factors(earlier: Iterable[tuple[Job, Account]], machine: float, trained: float = 1.0) -> Factors:
    """Return how much longer jobs take here than on the reference machine, by rule; ``""`` for all rules together.

    Each is a median over jobs: the first job that meets a kernel that is not compiled yet compiles it, and takes long
    for once. Chunks of a few seconds, as in the small study, say little about their formula and are not asked.

    Args:
        earlier: jobs as they were planned when they ran, with what they spent.
        machine: the answer of the probe, which counts where there are none.
        trained: the share of its budget that training took in those runs.
    """
    ratios: dict[str, list[float]] = defaultdict(list)
    for job, account in earlier:
        cost = price(job)
        work = account.share * (trained if job.rule == TRAINING else 1.0) * cost.work
        if job.rule not in CHUNKS or work > SIGNIFICANT:
            ratios[job.rule].append(account.processor / (cost.start + work))
    if not ratios:
        return {"": machine}
    together = [ratio for found in ratios.values() for ratio in found]
    return {"": median(together)} | {rule: median(found) for rule, found in ratios.items()}


def expected(jobs: Iterable[Job], scale: Factors, stop: Stop) -> list[Expected]:
    """Return what each job will take; arguments as they are made by :func:`factors` and :func:`stopping`."""
    found = []
    for job in jobs:
        cost, factor = price(job), scale.get(job.rule, scale[""])
        ends = (stop.low, stop.high) if job.rule == TRAINING else (1.0, 1.0)
        low, high = (factor * (cost.start + end * cost.work) for end in ends)
        found.append(Expected(job, low, high, max(cost.memory, job.memory)))
    return found


def stopping(share: float | None) -> Stop:
    """Return the range of budgets that training may take, around the share that earlier runs took, if it is known.

    Another study trains other networks for longer or shorter; so the range reaches from half of the share that was
    seen to half-way from there to the whole budget.
    """
    return Stop() if share is None else Stop(max(0.02, share / 2), (1 + share) / 2)


def wall(found: Iterable[Expected], cores: int, end: str) -> float:
    """Return the seconds that jobs take on some cores.

    A job begins when a core is free and what it waits for has ended.

    The jobs of the first two stages wait for no other (but for data, a second's work); the later ones wait for the
    whole stage before theirs. Of those that can begin the longest comes first, chunks before all others.

    Args:
        found: the jobs.
        cores: how many of them run at once.
        end: ``"low"`` or ``"high"``.
    """
    free, ended = [0.0] * cores, 0.0
    for stage, group in sorted(_together(found).items()):
        ready = ended if stage else 0.0
        for item in sorted(group, key=lambda item: (item.job.rule not in CHUNKS, -getattr(item, end))):
            done = max(heapq.heappop(free), ready) + getattr(item, end) + SECONDS_BETWEEN_JOBS
            heapq.heappush(free, done)
            ended = max(ended, done)
    return ended + SECONDS_AROUND


def _together(found: Iterable[Expected]) -> dict[int, list[Expected]]:
    """Return the jobs by stage, those of the first two in one."""
    groups: dict[int, list[Expected]] = defaultdict(list)
    for item in found:
        groups[max(0, item.job.stage - 1)].append(item)
    return groups
