"""Fit the rates of ``whylstm.study.cost`` to this machine: seconds of one replicate of many points, on one core.

    PYTHONPATH=src python benchmarks/simulation_cost.py

Each point is measured twice after a warm-up, in processor time, and the smaller one counts. The rates are the
non-negative least squares of relative errors, so that small points count like large ones. Printed are the rates, to be
copied into the module by hand, and how far the fit is off.
"""

from __future__ import annotations

import itertools
import time

import numpy as np
from scipy.optimize import nnls

from whylstm.study import cost, simulate
from whylstm.study.data import sequences
from whylstm.study.design import Point

CELLS = ("linear", "tanh", "lstm", "gru")
SIZES = (8, 16, 32, 64, 96)
DEPTHS = ((60, 2, 100), (200, 5, 300))
"""Largest lag, windows and length: those of the small study and of the default one."""

NAMES = (
    "1 / OPERATIONS_PER_SECOND",
    "SECONDS_PER_ELEMENT",
    "SECONDS_PER_PRODUCT",
    "SECONDS_PER_GATE_STEP",
    "SECONDS_PER_REPLICATE",
)


def points() -> list[Point]:
    """Return the points to measure."""
    found = []
    for cell, hidden, (lags, windows, length) in itertools.product(CELLS, SIZES, DEPTHS):
        bias = 1.0 if cell in ("lstm", "gru") else None
        found.append(Point(cell, "gaussian", 1.0, bias, 1.0, hidden, length, "noise", lags, windows, 8))
    return found


def terms(point: Point) -> list[float]:
    """Return how often a point pays each rate, in the order of :data:`NAMES`."""
    facts = cost.sizes(point.cell)
    advances = point.lags * point.windows * cost.products(point)
    elements = advances * (facts[0] * point.hidden) ** 2
    return [cost.operations(point), elements, advances, point.length * facts[1], 1.0]


def seconds(point: Point) -> float:
    """Return the processor time of one replicate of a point."""
    inputs = sequences(point.task, point.length, 1, 2018).inputs[0]
    best = np.inf
    for _ in range(3):
        now = time.process_time()
        simulate.measure(point, 2018, 0, inputs)
        best = min(best, time.process_time() - now)
    return best


def main() -> None:
    """Measure, fit, and print."""
    asked = points()
    measured = np.array([seconds(point) for point in asked])
    rows = np.array([terms(point) for point in asked]) / measured[:, None]
    rates, _ = nnls(rows / rows.max(0), np.ones(len(asked)))
    rates /= rows.max(0)
    for name, rate in zip(NAMES, rates, strict=True):
        print(f"{name:28s} {rate:.3g}")
    off = rows @ rates
    for point, each, ratio in zip(asked, measured, off, strict=True):
        print(
            f"{point.cell:8s} H {point.hidden:4d} lags {point.lags:4d}: {each:8.4f} s, the fit says {ratio:.2f} of it"
        )
    print(
        f"fit over measured: {off.min():.2f} ... {off.max():.2f}; 1 / rate: {1 / rates[0] if rates[0] else np.inf:.3g}"
    )


if __name__ == "__main__":
    main()
