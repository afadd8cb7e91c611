"""How far a run is, and how long it will take: arithmetic on what has finished, without Snakemake.

Jobs differ in length by a factor of a hundred, so each weighs its work: estimated seconds on one core. What jobs really
took, over what was estimated, is the pace of this machine, by which the time left is corrected as the run goes on.
"""

from __future__ import annotations

from dataclasses import dataclass, field

TRUST = 60.0
"""Seconds of one core after which the measured pace counts as much as the estimate."""


def duration(seconds: float) -> str:
    """Return a time in the two units that matter.

    >>> [duration(s) for s in (0.2, 59, 61, 3725)]
    ['1 s', '59 s', '1 min 1 s', '1 h 2 min']
    """
    whole = max(1, round(seconds))
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


@dataclass
class Job:
    """One job: what to call it, its work in seconds of one core, and when it started."""

    label: str
    work: float
    threads: int
    log: str
    started: float


@dataclass
class Progress:
    """How far the run is. Work in estimated seconds on one core; times from ``clock``.

    Where jobs go to a cluster (``elsewhere``), how long they wait there is not known: no time left is given, and only
    what has finished counts.
    """

    total_jobs: int = 0
    total_work: float = 0.0
    cores: int = 1
    elsewhere: bool = False
    done_jobs: int = 0
    done_work: float = 0.0
    busy: float = 0.0
    running: dict[int, Job] = field(default_factory=dict)

    def finish(self, jobid: int, now: float) -> Job | None:
        """Take a job as done and return it."""
        job = self.running.pop(jobid, None)
        if job is not None:
            self.done_jobs += 1
            self.done_work += job.work
            self.busy += (now - job.started) * job.threads
        return job

    @property
    def pace(self) -> float:
        """Seconds of one core that an estimated second takes here: measured, and 1 before anything is."""
        return (self.busy + TRUST) / (self.done_work + TRUST)

    def share(self, now: float) -> float:
        """Return the share of the work that is done, from 0 to 1; a running job counts by its time."""
        here = () if self.elsewhere else self.running.values()
        under_way = sum(min(job.work, (now - job.started) / self.pace) for job in here)
        return min(1.0, (self.done_work + under_way) / self.total_work) if self.total_work else 0.0

    def left(self, now: float) -> float:
        """Return the seconds that are left, all cores busy; no less than the longest running job has left."""
        rest = (1.0 - self.share(now)) * self.total_work * self.pace / self.cores
        longest = max((job.work * self.pace - (now - job.started) for job in self.running.values()), default=0.0)
        return max(rest, longest, 0.0)

    def status(self, now: float) -> str:
        """Return share, jobs and time left as a text; on a cluster, how many jobs wait or run in place of the time."""
        rest = f"{len(self.running)} wait or run" if self.elsewhere else f"{duration(self.left(now))} left"
        return f"{self.share(now):4.0%} · {self.done_jobs} of {self.total_jobs} jobs · {rest}"
