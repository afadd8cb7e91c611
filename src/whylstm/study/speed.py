"""How fast this machine is now: a few seconds of arithmetic, beside what the same took on the reference machine.

Three pieces stand for what the study does: products of small matrices, passes over arrays, and plain Python. Each is
timed in processor seconds and on the clock; the first says how fast a core is, the second how much of one is to be had.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

SECONDS = 2.0
"""Of clock time, for each piece at the most; all three stay below ten seconds also on a busy machine."""

REFERENCE = {"products": 1.63e-3, "passes": 1.16e-3, "python": 9.5e-3}
"""Processor seconds of one round of each piece on the reference machine."""


@dataclass(frozen=True)
class Speed:
    """What a probe found.

    Attributes:
        factor: how much longer than on the reference machine a piece takes, the geometric mean; above 1: slower.
        busy: clock seconds for each processor second; above 1: others use the cores as well.
    """

    factor: float
    busy: float


def probe() -> Speed:
    """Measure; it takes six seconds at the most."""
    ratios, clock, processor = [], 0.0, 0.0
    for name, piece in _pieces().items():
        rounds: list[float] = []
        began = time.perf_counter()
        while time.perf_counter() - began < SECONDS and len(rounds) < 40:
            used = time.process_time()
            piece()
            rounds.append(time.process_time() - used)
        clock += time.perf_counter() - began
        processor += sum(rounds)
        ratios.append(min(rounds) / REFERENCE[name])
    factor = math.exp(sum(math.log(ratio) for ratio in ratios) / len(ratios))
    return Speed(factor, max(1.0, clock / processor))


def _pieces() -> dict[str, Callable[[], object]]:
    import numpy as np
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    threadpool_limits(1)  # for the whole process: a job has one thread
    matrices = np.random.default_rng(0).standard_normal((200, 64, 64))
    long = np.linspace(-3.0, 3.0, 400_000)

    def python() -> int:
        return sum(hash((number, str(number))) & 7 for number in range(60_000))

    return {"products": lambda: matrices @ matrices, "passes": lambda: np.tanh(long) * np.exp(long), "python": python}
