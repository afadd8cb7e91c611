"""Have the kernels compiled before any job needs them: numba keeps its code beside the source, and finds it there.

A job that finds no compiled code compiles its own, ten seconds or more, and two that start together do so twice. So the
environment is made with what the study's cells ask for. It changes no result.
"""

from __future__ import annotations

import dataclasses
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from whylstm.study import simulate, train
from whylstm.study.design import Point
from whylstm.study.plan import Plan
from whylstm.study.trials import Trial

SMALL = {"hidden": 4, "length": 6, "lags": 4, "windows": 1}
SHORT = {"hidden": 4, "sequences": 2, "budget": 1, "every": 1, "screen": 1, "examined": 1, "extrapolate": ()}


def warm(planned: Plan) -> list[str]:
    """Compile what a plan's simulation and training run, and return the names of the cells that it was done for."""
    points, trials = list(_first(planned.points, _kind)), list(_first(planned.networks, _shape))
    for point in points:
        simulate.measure(dataclasses.replace(point, **SMALL), 0, 0, np.zeros((SMALL["length"], 1)))
    with tempfile.TemporaryDirectory() as folder:
        for trial in trials:
            train.run_chunk({dataclasses.replace(trial, longest=trial.shortest, **SHORT): 1}, 0, Path(folder))
    return sorted({part.cell for part in (*points, *trials)})


def _kind(point: Point) -> Any:
    return point.cell, point.hops > 0


def _shape(trial: Trial) -> Any:
    return trial.cell, trial.precision, trial.omega > 0, trial.detach > 0


def _first(parts: Any, key: Any) -> Iterator[Any]:
    """Yield the first part of each kind, in order."""
    yield from {key(part): part for part in reversed(list(parts))}.values()
