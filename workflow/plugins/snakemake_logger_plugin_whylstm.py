"""What a person sees while the study runs: a line for each finished job, the share of the work done, and the time left.

A Snakemake logger plugin; workflow/run.py puts this folder on the path and asks for it. Snakemake's own full log is
kept in .snakemake/log as always. On a terminal a status line is kept at the bottom; elsewhere each line says it all.

Jobs differ in length by a factor of a hundred, so each weighs its resource ``work``: estimated seconds on one core.
The Snakefile says the total when it starts.
"""

from __future__ import annotations

import sys
import threading
import time
from dataclasses import dataclass, field
from logging import WARNING, LogRecord
from typing import Any

from snakemake_interface_logger_plugins.base import LogHandlerBase
from snakemake_interface_logger_plugins.common import LogEvent

TRUST = 60.0
"""Seconds of one core after which measured speed counts as much as the estimate."""


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
    """How far the run is. Work in estimated seconds on one core; times from ``clock``."""

    total_jobs: int = 0
    total_work: float = 0.0
    cores: int = 1
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
        under_way = sum(min(job.work, (now - job.started) / self.pace) for job in self.running.values())
        return min(1.0, (self.done_work + under_way) / self.total_work) if self.total_work else 0.0

    def left(self, now: float) -> float:
        """Return the seconds that are left, all cores busy; no less than the longest running job has left."""
        rest = (1.0 - self.share(now)) * self.total_work * self.pace / self.cores
        longest = max((job.work * self.pace - (now - job.started) for job in self.running.values()), default=0.0)
        return max(rest, longest, 0.0)

    def status(self, now: float) -> str:
        """Return share, jobs and time left as a text."""
        return f"{self.share(now):4.0%} · {self.done_jobs} of {self.total_jobs} jobs · {duration(self.left(now))} left"


class LogHandler(LogHandlerBase):
    """Turns Snakemake's events into lines."""

    writes_to_stream = True
    writes_to_file = False
    has_filter = True
    has_formatter = True
    needs_rulegraph = False

    def __post_init__(self) -> None:
        """Start with nothing done; on a terminal, keep the status line fresh from a thread that ends with the run."""
        self.progress = Progress()
        self.live = sys.stderr.isatty()
        self.guard = threading.RLock()
        if self.live:
            threading.Thread(target=self._refresh, daemon=True).start()

    def emit(self, record: LogRecord) -> None:
        """Take one event in."""
        with self.guard:
            try:
                self._take(record, time.monotonic())
            except Exception:  # a broken line must not break the run
                self.handleError(record)

    def _take(self, record: LogRecord, now: float) -> None:
        said: dict[str, Any] = vars(record)
        match said.get("event"):
            case LogEvent.RUN_INFO:
                self.progress.total_jobs = said["stats"].get("total", 0)
            case LogEvent.RESOURCES_INFO:
                self.progress.cores = said.get("cores") or self.progress.cores
            case LogEvent.JOB_INFO:
                self.progress.running[said["jobid"]] = job_of(said, now)
            case LogEvent.JOB_FINISHED:
                self._finished(said["job_id"], now)
            case LogEvent.JOB_ERROR:
                self._failed(said["jobid"], now)
            case LogEvent.ERROR if "CalledProcessError" not in record.getMessage():
                self._say(record.getMessage())
            case None:
                self._plain(record)

    def _plain(self, record: LogRecord) -> None:
        self.progress.total_work = vars(record).get("work", self.progress.total_work)
        if record.levelno >= WARNING or "work" in vars(record) or "Nothing to be done" in record.getMessage():
            self._say(record.getMessage().partition(" (all requested")[0])

    def _finished(self, jobid: int, now: float) -> None:
        job = self.progress.finish(jobid, now)
        if job is not None:
            self._say(f"{self.progress.status(now)} · {job.label} took {duration(now - job.started)}")

    def _failed(self, jobid: int, now: float) -> None:
        job = self.progress.running.pop(jobid, None)
        if job is not None:
            self._say(f"FAILED after {duration(now - job.started)}: {job.label} (log: {job.log})")

    def _say(self, text: str) -> None:
        sys.stderr.write(f"\r\033[K{text}\n" if self.live else f"{text}\n")
        sys.stderr.flush()

    def _refresh(self) -> None:
        while True:
            time.sleep(1)
            with self.guard:
                if self.progress.running:
                    labels = ", ".join(job.label for job in self.progress.running.values())
                    line = f"{self.progress.status(time.monotonic())} · now: {labels}"
                    sys.stderr.write(f"\r\033[K{line[:118]}")
                    sys.stderr.flush()


def job_of(said: dict[str, Any], now: float) -> Job:
    """Return the job that an event announces."""
    label = " ".join([said["rule_name"], *map(str, (said["wildcards"] or {}).values())])
    work = float(said["resources"].get("work", 1.0))
    return Job(label, work, int(said["threads"]), ", ".join(said["log"] or ["none"]), now)
