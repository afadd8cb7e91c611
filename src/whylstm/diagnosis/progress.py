"""What a user sees while it runs: the estimate beforehand, then how far it is and how long it will still take."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping
from typing import TextIO

import torch

from whylstm.diagnosis.plan import Stage
from whylstm.errors import StudyError
from whylstm.study.machine import available_memory

EVERY = 10.0
"""Seconds between two lines where the output is no terminal."""


class Progress:
    """Tells on a stream how far the work is; says nothing if the stream is None."""

    def __init__(self, stages: Mapping[str, Stage], stream: TextIO | None) -> None:
        self.stream = stream
        speed = measured_speed() if stream is not None else 1e10
        self.costs = {name: stage.seconds(speed) for name, stage in stages.items()}
        self.total, self.done = sum(self.costs.values()), 0.0
        self.started = self.shown = time.monotonic()

    def estimate(self, what: str, memory: int) -> None:
        """Say what will be done and what it will take."""
        self._write(f"{what}; about {duration(self.total)} and {size(memory)} of memory\n")

    def advance(self, stage: str, share: float) -> None:
        """Count a share of a stage as done."""
        self.done += self.costs[stage] * share
        now = time.monotonic()
        terminal = self.stream is not None and self.stream.isatty()
        if now - self.shown < (0.2 if terminal else EVERY):
            return
        self.shown = now
        part = min(self.done / self.total, 0.99)
        left = (now - self.started) * (1 - part) / max(part, 1e-3)
        line = f"{part:4.0%} done, about {duration(left)} left ({stage})"
        self._write(f"\r{line:<70}" if terminal else f"{line}\n")

    def finish(self) -> None:
        """Clear the line on a terminal."""
        if self.stream is not None and self.stream.isatty():
            self._write("\r" + " " * 70 + "\r")

    def _write(self, text: str) -> None:
        if self.stream is not None:
            self.stream.write(text)
            self.stream.flush()


def measured_speed() -> float:
    """Return about how many floating-point operations a second this machine multiplies matrices with."""
    matrix = torch.ones(256, 256, dtype=torch.float64)
    matrix @ matrix
    started, count = time.perf_counter(), 0
    while time.perf_counter() - started < 0.03:
        matrix @ matrix
        count += 1
    return count * 2 * 256**3 / (time.perf_counter() - started)


def duration(seconds: float) -> str:
    """Return a time in words, no finer than it is known.

    >>> duration(0.3), duration(42), duration(200), duration(9000)
    ('1 s', '42 s', '3 min', '2.5 h')
    """
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    return f"{round(seconds / 60)} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def size(count: int) -> str:
    """Return a number of bytes in words.

    >>> size(3_000_000), size(2_500_000_000)
    ('3 MB', '2.5 GB')
    """
    return f"{max(1, round(count / 1e6))} MB" if count < 1e9 else f"{count / 1e9:.1f} GB"


def check_memory(needed: int) -> None:
    """Do nothing if there is room.

    Raises:
        StudyError: if more is needed than is free, naming both.
    """
    free = available_memory()
    if needed > free:
        raise StudyError(
            f"the measurement needs about {size(needed)} of memory, but {size(free)} are free; choose fewer sequences,"
            " hops or steps"
        )


def teller(wanted: bool) -> Callable[[str], None] | None:
    """Return what writes a line on the standard error, if progress is wanted."""
    return (lambda line: print(line, file=sys.stderr, flush=True)) if wanted else None  # noqa: T201


def stderr(wanted: bool) -> TextIO | None:
    """Return the standard error if progress is wanted."""
    return sys.stderr if wanted else None
