"""A recurrent part of a model as it ran, and what random directions say of its gradients back through time."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from whylstm.diagnosis.observation.calls import Call, reversed_within
from whylstm.diagnosis.observation.stack import Phases, Run, Stack, run, whole
from whylstm.diagnosis.plan import spread_ends
from whylstm.errors import StudyError

MOST = 8
"""How many sequences are measured unless chosen: more say little that these do not."""


@dataclass(frozen=True)
class Frame:
    """Where a part is looked at.

    Attributes:
        sequences: which of the batch's sequences.
        ends: the windows' last steps, counted from 1, (W, n) for the n sequences.
        lags: the largest lag.
        whole: how many steps back the last window reaches, for the growth per step.
    """

    sequences: tuple[int, ...]
    ends: np.ndarray
    lags: int
    whole: int


@dataclass(frozen=True)
class Samples:
    """Logarithms (nats) of ‖vᵀG‖ for random unit normal v.

    Attributes:
        total: (K, cases, directions) at lags 1 ... K.
        carry: the same for the carry alone, None where it cannot be told from the rest.
        growth: (E, cases of the last window, directions) at lags 1 ... E.
        hops: Σ_r r ‖vᵀG^(r)‖² over Σ_r ‖vᵀG^(r)‖² estimated at lags 1 ... K, (K,), None where it was not asked for.
    """

    total: np.ndarray
    carry: np.ndarray | None
    growth: np.ndarray
    hops: np.ndarray | None = None

    def joined(self, other: Samples) -> Samples:
        """Return these and other directions of the same windows."""
        carry = None if self.carry is None or other.carry is None else np.concatenate([self.carry, other.carry], 2)
        return Samples(
            np.concatenate([self.total, other.total], 2),
            carry,
            np.concatenate([self.growth, other.growth], 2),
            self.hops if other.hops is None else other.hops,
        )


class Part(ABC):
    """One recurrent part of a model on a batch.

    Attributes:
        name: where it stands in the model, and its direction or call where there are several.
        kind: what it is, in words.
        lengths: steps of every sequence, (N,) ints.
        size: S, numbers in the state of one sequence.
        units: H, or the size of the state for a cell that is not torch's.
        notes: what is assumed or left out.
    """

    name: str
    kind: str
    lengths: np.ndarray
    size: int
    units: int
    notes: tuple[str, ...] = ()

    @property
    def steps(self) -> int:
        """T, steps of the longest sequence."""
        return int(self.lengths.max())

    @abstractmethod
    def sample(self, frame: Frame, directions: int, generator: torch.Generator) -> Samples:
        """Return the norms of that many fresh random directions taken back through the part."""

    def gates(self) -> dict[str, float]:
        """Return the mean of the carry gate over steps, sequences and units, by layer; empty where there is none."""
        return {}

    def frame(self, lags: int | None = None, windows: int | None = None, sequences: Any = None) -> Frame:
        """Return where the part is looked at.

        Args:
            lags: the largest lag; half of the sequences, at least 100 and at most 500 steps, if left out.
            windows: how many windows in each sequence; 3 for one sequence, 2 for two, 1 for more if left out.
            sequences: which sequences; of :data:`MOST` or fewer all, otherwise spread over the batch.

        Raises:
            StudyError: if a lag is longer than every sequence, or a sequence is not there.
        """
        longest = self.steps
        if lags is not None and not 1 <= lags <= longest:
            raise StudyError(f"lags is {lags}; {self.name} ran over {longest} steps, so allowed: 1 to {longest}")
        chosen = self._sequences(sequences)
        typical = int(np.median(self.lengths[chosen]))
        reach = lags or min(typical, max(100, typical // 2), 500)
        long = [place for place in chosen if self.lengths[place] >= reach]
        count = windows or max(1, 4 - len(long))
        ends = np.array([_spread(reach, int(self.lengths[place]), count) for place in long]).T
        return Frame(tuple(int(place) for place in long), ends, reach, int(ends[-1].min()))

    def _sequences(self, wanted: Any) -> list[int]:
        there = len(self.lengths)
        if wanted is None:
            longest = np.argsort(-self.lengths, kind="stable")[: max(MOST, there // 2)]
            return sorted({int(longest[round(i)]) for i in np.linspace(0, len(longest) - 1, min(MOST, len(longest)))})
        chosen = sorted(set(wanted))
        outside = [place for place in chosen if not 0 <= place < there]
        if outside or not chosen:
            raise StudyError(f"sequences: {outside or 'none'} of {self.name}; allowed: 0 to {there - 1}")
        return chosen


def _spread(lags: int, steps: int, count: int) -> list[int]:
    """Return exactly ``count`` last steps of windows in a sequence; the first is repeated where it is too short."""
    ends = list(spread_ends(lags, steps, count))
    return [ends[0]] * (count - len(ends)) + ends


@dataclass(frozen=True)
class Place:
    """Where a part stands in its module: its first layer and its direction (0 forward, 1 backward)."""

    layer: int = 0
    way: int = 0


class FusedPart(Part):
    """Layers of torch.nn in one direction along the sequences that they really read."""

    def __init__(self, name: str, kind: str, stack: Stack, call: Call, place: Place, notes: tuple[str, ...]) -> None:
        """Take the layers as they ran, and where in their module they stand."""
        self.name, self.kind, self.stack, self.notes, self.call, self.place = name, kind, stack, notes, call, place
        lengths = call.lengths
        self.lengths = lengths.numpy().astype(int)
        self.size, self.units = sum(stack.sizes), stack.runs[-1].weights.units

    def gates(self) -> dict[str, float]:
        """Return the mean carry (an LSTM's f, a GRU's z) by layer."""
        means = {f"layer {place + 1}": one.carry for place, one in enumerate(self.stack.runs)}
        return {name: float(carry.mean()) for name, carry in means.items() if carry is not None}

    def sample(self, frame: Frame, directions: int, generator: torch.Generator) -> Samples:
        """Return the norms of random directions taken back through all layers together."""
        with torch.no_grad():
            stack = chosen(self.stack, frame.sequences)
            ends = torch.from_numpy(frame.ends)
            rows = self._rows(stack, ends, directions, generator)
            total = _norms(stack, rows, ends, frame.lags, whole)
            carry = _norms(stack, rows, ends, frame.lags, None)
            growth = _norms(stack, rows[-1:], ends[-1:], frame.whole, whole) if frame.whole > frame.lags else None
        last = total[:, -len(frame.sequences) :]
        return Samples(total, carry, last if growth is None else growth)

    def mean_hops(self, frame: Frame, directions: int, generator: torch.Generator) -> np.ndarray:
        """Return the mean number of hops at lags 1 ... K, (K,), from directions with a random phase at every hop.

        With z = exp(iθ) and θ uniform the mean of ‖vᵀG(z)‖² is Σ_r ‖G^(r)‖². A second pass with all phases turned a
        little further measures d/dθ, whose product with it is Σ_r r ‖G^(r)‖².
        """
        with torch.no_grad():
            stack = chosen(self.stack, frame.sequences)
            ends = torch.from_numpy(frame.ends[-1:])
            return hop_means(stack, self._rows(stack, ends, directions, generator), ends, frame.lags, generator)

    def _rows(self, stack: Stack, ends: Tensor, directions: int, generator: torch.Generator) -> Tensor:
        like = stack.runs[0].output
        shape = (len(ends), directions, ends.shape[1], sum(stack.sizes))
        return torch.randn(shape, generator=generator, dtype=torch.float32).to(like)


def chosen(stack: Stack, sequences: tuple[int, ...]) -> Stack:
    """Return the layers along some of the sequences."""
    if sequences == tuple(range(stack.sequences)):
        return stack
    index = torch.tensor(sequences)

    def some(value: Tensor) -> Tensor:
        return value[:, index.to(value.device)]

    return Stack(
        tuple(
            Run(
                one.weights,
                some(one.inputs),
                some(one.before),
                some(one.output),
                None if one.carry is None else some(one.carry),
                tuple(some(slope) for slope in one.slopes),
                None if one.memory is None else some(one.memory),
            )
            for one in stack.runs
        )
    )


def _norms(stack: Stack, rows: Tensor, ends: Tensor, lags: int, turn: Any) -> np.ndarray:
    """Return ln ‖vᵀG‖ by lag, (K, windows·sequences, directions)."""
    logs = []
    for kept, scale, _ in stack.back(rows, ends, lags, turn):
        gone = (kept == 0).all(-1)
        logs.append(torch.where(gone, -torch.inf, scale).permute(0, 2, 1).flatten(0, 1).cpu().numpy())
    return np.stack(logs)


def hop_means(stack: Stack, rows: Tensor, ends: Tensor, lags: int, generator: torch.Generator) -> np.ndarray:
    """Return Σ_r r ‖G^(r)‖²/Σ_r ‖G^(r)‖² at lags 1 ... K, (K,), see :meth:`FusedPart.mean_hops`."""
    directions = rows.shape[1]
    angles = torch.rand(directions, generator=generator).to(rows) * 2 * torch.pi
    step = 0.05 / lags  # sin(2 step r) = 2 step r within .2%
    at = torch.cat([angles - step, angles + step])
    paired = torch.cat([rows, rows, torch.zeros_like(rows), torch.zeros_like(rows)], 1)
    out = []
    for kept, scale, _ in stack.back(paired, ends, lags, Phases(at)):
        real, imaginary = kept.double().chunk(2, 1)
        (r0, r1), (i0, i1) = real.chunk(2, 1), imaginary.chunk(2, 1)
        size = scale[:, : 2 * directions].chunk(2, 1)
        cross = (r0 * i1 - i0 * r1).sum(-1)
        same = (r0 * r1 + i0 * i1).sum(-1)
        weight = size[0] + size[1]
        weight = (weight - weight.max()).exp()
        out.append(float((cross * weight).sum() / (same * weight).sum() / (2 * step)))
    return np.array(out)


def fused_parts(name: str, kind: str, call: Call, notes: tuple[str, ...] = ()) -> list[FusedPart]:
    """Return the parts of one call of an nn.RNN, LSTM or GRU.

    A stack that runs in one direction is one part. In a bidirectional one, what a layer reads from below has already
    seen the future, so each layer and direction is a part by itself, its input given.
    """
    with torch.no_grad():
        if not call.module.bidirectional:
            return [FusedPart(name, kind, _stacked(call), call, Place(), notes)]
        return list(_both_ways(name, kind, call, notes))


def _stacked(call: Call) -> Stack:
    runs, below = [], call.inputs
    for place, weights in enumerate(call.weights):
        state = [part[place] for part in call.state]
        runs.append(run(weights, below, state[0], state[1] if len(state) > 1 else None))
        below = runs[-1].output
    return Stack(tuple(runs))


def _both_ways(name: str, kind: str, call: Call, notes: tuple[str, ...]) -> list[FusedPart]:
    out, below = [], call.inputs
    layers = call.module.num_layers
    for layer in range(layers):
        outputs = []
        for way, word in enumerate(("forward", "backward")):
            place = 2 * layer + way
            state = [part[place] for part in call.state]
            read = reversed_within(below, call.lengths) if way else below
            made = run(call.weights[place], read, state[0], state[1] if len(state) > 1 else None)
            where = f", layer {layer + 1}" if layers > 1 else ""
            out.append(FusedPart(f"{name}{where}, {word}", kind, Stack((made,)), call, Place(layer, way), notes))
            outputs.append(reversed_within(made.output, call.lengths) if way else made.output)
        below = torch.cat(outputs, -1)
    return out
