"""What a person sees while the study runs: a line for each finished job, the share of the work done, and the time left.

A Snakemake logger plugin; workflow/run.py puts its folder on the path and asks for it. Snakemake's own full log is kept
in .snakemake/log as always. On a terminal a status line is kept at the bottom; elsewhere each line says it all.
"""

from __future__ import annotations

import re
import shutil
import sys
import threading
import time
from logging import WARNING, LogRecord
from pathlib import Path
from typing import Any

from snakemake_interface_logger_plugins.base import LogHandlerBase
from snakemake_interface_logger_plugins.common import LogEvent

from snakemake_logger_plugin_whylstm.progress import Job, Progress, duration

FULL = 1 << 16
"""Bytes that are free on a disk that is full, at the most: logs and results cannot be written any more."""

NO_NEWS = "SLURM account"
"""In what the plugin for Slurm says where no account is named: it guesses, and Slurm takes the user's own anyway."""

AGAIN = re.compile(r"Trying to restart job (\d+)\.")


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
        self.failed: dict[int, str] = {}
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
                self.progress.elsewhere = self.progress.elsewhere or "nodes" in said
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
        if NO_NEWS in record.getMessage():
            return
        if again := AGAIN.match(record.getMessage()):
            self._say(f"trying again: {self.failed.get(int(again[1]), f'job {again[1]}')}")
            return
        if record.levelno >= WARNING or "work" in vars(record) or "Nothing to be done" in record.getMessage():
            self._say(record.getMessage().partition(" (all requested")[0])

    def _finished(self, jobid: int, now: float) -> None:
        job = self.progress.finish(jobid, now)
        if job is not None:
            waiting = " with its wait" if self.progress.elsewhere else ""
            self._say(f"{self.progress.status(now)} · {job.label} took {duration(now - job.started)}{waiting}")

    def _failed(self, jobid: int, now: float) -> None:
        job = self.progress.running.pop(jobid, None)
        if job is not None:
            why = last_words(job.log, self.progress.elsewhere)
            self._say(f"FAILED after {duration(now - job.started)}: {job.label} (log: {job.log}){why}")
            self.failed[jobid] = job.label

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


def last_words(log: str, elsewhere: bool = False) -> str:
    """Return what is to be said of a job whose log has no error: it was killed, and could not say so itself."""
    try:
        text = Path(log).read_text("utf-8", errors="replace") if Path(log).exists() else ""
        if shutil.disk_usage(Path(log).parent).free < FULL:
            return "; its disk is full"
    except OSError:
        return ""
    if any(word in text for word in ("error: ", "Traceback")):
        return ""
    if elsewhere:
        return "; it left no word, so it was cancelled, over its memory or time, or lost with its node"
    return "; it left no word, so it was killed, perhaps for lack of memory: run fewer jobs at once (--cores)"
