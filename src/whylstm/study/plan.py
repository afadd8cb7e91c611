"""The plan of a study: its points, its jobs, and what they need, known before anything runs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from whylstm.study.chunks import Chunk, check_memory, chunks
from whylstm.study.config import Config, results_folder
from whylstm.study.design import Point, design
from whylstm.study.machine import available_memory, check_writable


@dataclass(frozen=True)
class Plan:
    """What a config asks for.

    Attributes:
        config: the completed config.
        points: the design, sorted by id.
        chunks: the jobs that simulate it, the longest first.
        folder: the results folder, relative to the study's.
    """

    config: Config
    points: list[Point]
    chunks: list[Chunk]
    folder: Path

    @property
    def seconds(self) -> float:
        """Estimated work of all chunks on one core, in seconds."""
        return sum(chunk.seconds for chunk in self.chunks)

    @property
    def memory(self) -> int:
        """Estimated bytes of the largest chunk."""
        return max(chunk.memory for chunk in self.chunks)

    @property
    def disk(self) -> int:
        """Estimated bytes of all records."""
        return sum(chunk.disk for chunk in self.chunks)


def plan(config: Config) -> Plan:
    """Return the plan of a completed config.

    Raises:
        StudyError: if the grids hold a point twice, or too many of them.
    """
    points = design(config)
    return Plan(config, points, chunks(points, config["simulation"]["replicates"]), results_folder(config))


def check_machine(planned: Plan, root: Path, memory: int | None = None, *, here: bool = True) -> None:
    """Check that a plan can be carried out here.

    Args:
        planned: the plan.
        root: the folder of the study.
        memory: bytes that a job can have; what is free on this machine if left out.
        here: whether the jobs run on this machine; the memory of another one is not known.

    Raises:
        StudyError: if the results folder cannot be written or the largest chunk does not fit into memory.
    """
    check_writable(root / planned.folder)
    if here or memory is not None:
        check_memory(planned.chunks, available_memory() if memory is None else memory)
