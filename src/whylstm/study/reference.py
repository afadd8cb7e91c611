"""What small jobs cost on the reference machine, by their size: looked up between two sizes that were measured.

``workflow/schemas/costs.yaml`` holds them, written by ``benchmarks/reference_costs.py`` from the accounts of two runs,
a small one and the default one. Between and beyond the two, the work of a job follows the power law through both.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from statistics import median
from typing import Any

from whylstm.study.reading import read_yaml
from whylstm.study.workload import CHUNKS, Job

PATH = Path(__file__).resolve().parents[3] / "workflow" / "schemas" / "costs.yaml"

READ_RECORDS = ("compute_table", "gather_training")
"""Rules whose jobs may read all records: beyond what was measured, their work and memory grow in proportion to them."""

RISES = 3.0
"""Work at the larger size over that at the smaller, above which a job's work is taken to follow the records."""

BYTES_IMPORTED = 170 * 2**20
"""What a job holds before its first number: Python, pandas and pyarrow."""


@dataclass(frozen=True)
class Cost:
    """What a job costs.

    Attributes:
        start: processor seconds before its work begins.
        work: processor seconds of its work.
        memory: bytes.
    """

    start: float
    work: float
    memory: float

    @property
    def seconds(self) -> float:
        """All processor seconds."""
        return self.start + self.work


@cache
def measured(path: Path = PATH) -> dict[str, Any]:
    """Return what was measured: rule -> name -> ``start``, ``memory``, ``sizes``, ``seconds``."""
    return read_yaml(path)


def price(job: Job) -> Cost:
    """Return what a job costs on the reference machine; one that was never measured costs what its rule's others do."""
    if job.rule in CHUNKS:
        start = _typical(job.rule, "start")
        return Cost(start, max(0.0, job.seconds - start), job.memory)
    known = measured().get(job.rule, {})
    if job.name not in known:
        typical = [_cost(entry, entry["sizes"][1]) for entry in known.values()] or [Cost(1.5, 1.0, 300 * 2**20)]
        return Cost(*(median(getattr(cost, name) for cost in typical) for name in ("start", "work", "memory")))
    entry = known[job.name]
    rises = entry["seconds"][1] > RISES * entry["seconds"][0]  # a table that is made from small tables does not
    return _cost(entry, job.size, reads_records=job.rule in READ_RECORDS and rises)


def _cost(entry: dict[str, Any], size: float, *, reads_records: bool = False) -> Cost:
    memory, large = entry["memory"] * 2**20, entry["sizes"][1]
    if reads_records and size > large:
        memory = BYTES_IMPORTED + max(0.0, memory - BYTES_IMPORTED) * size / large
    seconds = law(entry["sizes"], entry["seconds"], size, least=1.0 if reads_records else 0.0)
    return Cost(entry["start"], seconds, memory)


def law(sizes: list[float], seconds: list[float], size: float, least: float = 0.0) -> float:
    """Return the seconds at a size by the power law through two measured ones, which does not fall.

    Beyond the larger one its power is at least ``least``.

    >>> law([1, 10], [2.0, 20.0], 100)
    200.0
    >>> law([1, 10], [2.0, 1.9], 100)
    2.0
    """
    (small, large), (few, many) = sizes, seconds
    rises = large > small and many > few > 0
    power = math.log(many / few) / math.log(large / small) if rises else 0.0
    power = max(power, least) if size > large else power
    return max(few, many) * max(size, 1.0) ** power / large**power


def _typical(rule: str, what: str) -> float:
    entries = measured().get(rule, {}).values()
    return median(entry[what] for entry in entries) if entries else 2.5
