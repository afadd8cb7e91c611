"""The plan of a study: its points, its trials, its jobs, and what they need, known before anything runs."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from whylstm.folders import check_writable
from whylstm.study.chunks import Chunk, check_memory, chunks
from whylstm.study.config import Config, results_folder
from whylstm.study.design import Point, design
from whylstm.study.machine import available_memory
from whylstm.study.training_chunks import TrainingChunk, training_chunks
from whylstm.study.trials import Trial, replicates, seeds, trials


@dataclass(frozen=True)
class Plan:
    """What a config asks for.

    Attributes:
        config: the completed config.
        points: the design, sorted by id.
        chunks: the jobs that simulate it, the longest first.
        folder: the results folder, relative to the study's.
        trials: what is trained, by (experiment, arm).
        seeds: how many networks of each trial count, by (experiment, arm).
        networks: how many networks each trial has: the most that an experiment asks for.
        training: the jobs that train them, the longest first.
    """

    config: Config
    points: list[Point]
    chunks: list[Chunk]
    folder: Path
    trials: dict[tuple[str, str], list[Trial]] = field(default_factory=dict)
    seeds: dict[tuple[str, str], int] = field(default_factory=dict)
    networks: dict[Trial, int] = field(default_factory=dict)
    training: list[TrainingChunk] = field(default_factory=list)

    @property
    def jobs(self) -> list[Chunk | TrainingChunk]:
        """All chunks."""
        return [*self.chunks, *self.training]

    @property
    def seconds(self) -> float:
        """Estimated work of all chunks on one core, in seconds; a network that is solved early takes less."""
        return sum(chunk.seconds for chunk in self.jobs)

    @cached_property
    def memory(self) -> int:
        """Estimated bytes of the largest chunk."""
        return max(chunk.memory for chunk in self.jobs)

    @cached_property
    def disk(self) -> int:
        """Estimated bytes of all records."""
        return sum(chunk.disk for chunk in self.jobs)


def plan(config: Config) -> Plan:
    """Return the plan of a completed config.

    Raises:
        StudyError: if the grids hold a point twice, or too many of them; or an experiment a trial twice.
    """
    points = design(config)
    planned = Plan(config, points, chunks(points, config["simulation"]["replicates"]), results_folder(config))
    if "training" not in config:
        return planned
    asked, networks = config["training"], replicates(config["training"])
    chunked = training_chunks(networks)
    return replace(planned, trials=trials(asked), seeds=seeds(asked), networks=networks, training=chunked)


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
    check_writable(root / planned.folder, "results folder")
    if here or memory is not None:
        check_memory(planned.jobs, available_memory() if memory is None else memory)
