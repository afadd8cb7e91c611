"""From a part to its numbers: norm and carry share by lag, growth per step, memory and verdict, with intervals."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass

import numpy as np
import torch

from whylstm.diagnosis import exponents, verdicts
from whylstm.diagnosis.exponents import Exponent
from whylstm.diagnosis.observation import estimates
from whylstm.diagnosis.observation.estimates import LN10, Band
from whylstm.diagnosis.observation.parts import Frame, Part, Samples
from whylstm.diagnosis.reach import effective_memory
from whylstm.diagnosis.threads import one_thread

DIRECTIONS = 8
"""Random directions of the first look."""

MOST_DIRECTIONS = 64
"""More are not taken, whatever the budget."""


@dataclass(frozen=True)
class Measured:
    """What was measured of one part.

    Attributes:
        name: of the part.
        kind: what it is.
        lags: 1 ... K.
        norm: log₁₀ ‖∂s(t)/∂s(t-k)‖_F by lag, geometric mean over windows and sequences, with a 95% interval.
        spread: (K, 2), the smallest and the largest window, log₁₀.
        carry: carry share ‖G⁽⁰⁾‖/‖G‖ by lag, None where carry cannot be told from the rest.
        exponent: λ₁ in nats per step, None for sequences that are too short.
        memory: the smallest lag whose norm is below 1/e of that at lag 1, None beyond the last lag; its interval.
        memory_interval: (low, high) of the memory, None for beyond the last lag.
        decades: log₁₀ of the norm at the last lag over that at lag 1, (value, low, high).
        verdict: vanishes, explodes, keeps or unclear, see :mod:`whylstm.diagnosis.verdicts`.
        decided: whether the whole interval has the same verdict.
        gates: mean carry gate by layer.
        directions: how many random directions were used.
        seconds: processor time.
        frame: which sequences and windows.
        notes: what is assumed or left out.
    """

    name: str
    kind: str
    lags: np.ndarray
    norm: Band
    spread: np.ndarray
    carry: Band | None
    exponent: Exponent | None
    memory: int | None
    memory_interval: tuple[int | None, int | None]
    decades: tuple[float, float, float]
    verdict: str
    decided: bool
    gates: dict[str, float]
    directions: int
    seconds: float
    frame: Frame
    notes: tuple[str, ...] = ()


def measure(
    part: Part,
    *,
    lags: int | None = None,
    windows: int | None = None,
    sequences: object = None,
    directions: int = DIRECTIONS,
    budget: float = 10.0,
    seed: int = 0,
) -> Measured:
    """Measure a part by random directions, more of them until the verdict is decided or the budget is spent.

    Args:
        part: a part of an observed model.
        lags: the largest lag.
        windows: how many windows of that many steps in each sequence.
        sequences: which sequences of the batch.
        directions: how many random directions are taken at a time, 2 or more.
        budget: seconds of processor time after which no more are begun; 0 for a single look.
        seed: of the directions.

    Raises:
        StudyError: for lags or sequences that are not there.
    """
    started = time.process_time()
    frame = part.frame(lags, windows, sequences)
    generator = torch.Generator().manual_seed(seed)
    with one_thread():
        samples = part.sample(frame, directions, generator)
        found = summed(part, frame, samples)
        spent = time.process_time() - started
        while not found.decided and 2 * spent < budget and samples.total.shape[2] + directions <= MOST_DIRECTIONS:
            samples = samples.joined(part.sample(frame, directions, generator))
            found = summed(part, frame, samples)
            spent = time.process_time() - started
    return Measured(**{**vars(found), "seconds": spent})


def summed(part: Part, frame: Frame, samples: Samples) -> Measured:
    """Return the numbers of samples."""
    norm = estimates.norms(samples.total)
    exponent = growth(samples.growth)
    decades = change(norm, samples.total)
    said = {verdicts.direction(one, exponent) for one in decades}
    with np.errstate(divide="ignore"):
        cases = 0.5 * np.log10(np.exp(2 * (samples.total - samples.total.max(2, keepdims=True))).mean(2))
    cases = cases + samples.total.max(2) / LN10
    return Measured(
        name=part.name,
        kind=part.kind,
        lags=np.arange(1, frame.lags + 1),
        norm=norm,
        spread=np.stack([cases.min(1), cases.max(1)], 1),
        carry=None if samples.carry is None else estimates.shares(samples.carry, samples.total),
        exponent=exponent,
        memory=effective_memory(norm.value.tolist()),
        memory_interval=(_memory(norm, norm.low), _memory(norm, norm.high)),
        decades=decades,
        verdict=verdicts.direction(decades[0], exponent),
        decided=len(said) == 1,
        gates=part.gates(frame),
        directions=samples.total.shape[2],
        seconds=0.0,
        frame=frame,
        notes=part.notes,
    )


def _memory(norm: Band, bound: np.ndarray) -> int | None:
    """Return the memory if all norms beyond lag 1 lay at a bound."""
    return effective_memory([float(norm.value[0]), *bound[1:].tolist()])


def change(norm: Band, logs: np.ndarray) -> tuple[float, float, float]:
    """Return log₁₀ of the norm at the last lag over that at lag 1, with its interval."""
    if norm.value[0] == norm.value[-1] == -math.inf:
        return (math.nan,) * 3
    value = float(norm.value[-1] - norm.value[0])
    below, above = (norm.value - norm.low), (norm.high - norm.value)
    return value, value - float(np.hypot(below[-1], above[0])), value + float(np.hypot(above[-1], below[0]))


def growth(logs: np.ndarray) -> Exponent | None:
    """Return λ₁ from ln ‖vᵀG‖ at lags 1 ... E of long windows, (E, sequences, directions).

    Rows that go back turn into the direction that grows most, as columns do that go forward: the mean of what a step
    stretches them by, after a burn-in, is λ₁. Directions of one sequence soon agree and count as one.
    """
    if not exponents.enough(len(logs)):
        return None
    steps = np.diff(logs.mean(2), axis=0)[exponents.burn_in(len(logs)) :]
    each = [exponents.summary(torch.from_numpy(np.nan_to_num(one, nan=-np.inf))) for one in steps.T]
    return exponents.together(each)
