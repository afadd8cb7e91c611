"""Every job of a study, with a size that its cost grows with: what Snakemake would run, known without Snakemake.

Chunks have a price of their own (:mod:`whylstm.study.cost`, :mod:`whylstm.study.training_cost`). All other jobs are
small; what they cost is looked up by their size among jobs that were measured (:mod:`whylstm.study.reference`). A test
holds this list against a dry run of the workflow, so that a new rule cannot be forgotten here.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from whylstm.study.plan import Plan
from whylstm.study.wiring import Wiring, wiring

STAGES = (
    ("draw_data", "train_chunk", "perform_experiment", "list_points", "list_tasks", "list_trials"),
    ("simulate_chunk",),
    ("gather_training",),
    ("compute_table",),
    ("claims",),
    ("values", "draw_figure", "explorer"),
    ("article", "gallery", "run_notebook"),
    ("provenance",),
)
"""Rules in the order in which one waits for another."""

CHUNKS = ("simulate_chunk", "train_chunk")


@dataclass(frozen=True)
class Job:
    """One job.

    Attributes:
        rule: the name of its rule.
        name: the values of its wildcards in the order of their names, separated by spaces; empty where it has none.
        size: what its cost grows with; 0 where it has a price of its own.
        seconds: that price, in seconds of the reference machine; 0 where it is looked up.
        memory: estimated bytes of it; 0 where they are looked up.
    """

    rule: str
    name: str
    size: float = 0.0
    seconds: float = 0.0
    memory: int = 0

    @property
    def stage(self) -> int:
        """The place of its rule in :data:`STAGES`."""
        return next(place for place, rules in enumerate(STAGES) if self.rule in rules)


def workload(planned: Plan, root: Path) -> list[Job]:
    """Return all jobs of a study from nothing.

    Args:
        planned: its plan.
        root: its folder, with ``notebooks``.
    """
    chunks = [Job("simulate_chunk", chunk.name, 0, chunk.seconds, chunk.memory) for chunk in planned.chunks]
    chunks += [Job("train_chunk", chunk.name, 0, chunk.seconds, chunk.memory) for chunk in planned.training]
    parts = wiring(planned, root)
    return [*chunks, *_preparing(planned, parts), *_telling(planned, parts)]


def _preparing(planned: Plan, parts: Wiring) -> Iterator[Job]:
    """Yield the jobs that read no table."""
    replicates = planned.config["simulation"]["replicates"]
    for task, length in sorted({(point.task, point.length) for point in planned.points}):
        yield Job("draw_data", f"{length} {task}", replicates * length)
    yield Job("list_points", "", len(planned.points))
    yield Job("list_tasks", "", 1)
    if planned.training:
        yield Job("list_trials", "", len(planned.networks))
    for name, facts in parts.experiments.items():
        settings = facts.get("settings", {}) | planned.config.get("laboratory", {}).get(name, {})
        yield Job("perform_experiment", name, volume(settings))


def _telling(planned: Plan, parts: Wiring) -> Iterator[Job]:
    """Yield the jobs from records to pages; what they read grows with the records."""
    size = float(planned.disk)
    if planned.training:
        yield Job("gather_training", "", sum(chunk.disk for chunk in planned.training))
    yield from (Job("compute_table", name, size) for name in parts.statistics)
    yield from (Job("draw_figure", name, size) for name in parts.figures)
    yield from (Job("run_notebook", name, size) for name in parts.notebooks)
    for rule in ("claims", "values", "explorer", "article", "gallery", "provenance"):
        yield Job(rule, "", size)


def volume(settings: dict[str, Any]) -> float:
    """Return a number that grows with what an experiment is asked for: the product of its numbers and of its lists.

    A whole number counts as itself, a list by its length, or by its sum where it holds whole numbers.
    """
    return math.prod(_extent(value) for value in settings.values())


def _extent(value: Any) -> float:
    if isinstance(value, list):
        whole = all(isinstance(item, int) and not isinstance(item, bool) for item in value)
        return max(1.0, float(sum(abs(item) for item in value)) if whole else float(len(value)))
    return float(max(1, abs(value))) if isinstance(value, int) and not isinstance(value, bool) else 1.0
