"""A recurrent part of a model as it ran, and what random directions say of its gradients back through time."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from whylstm.diagnosis.observation.calls import Call, check_finite_steps, reversed_within
from whylstm.diagnosis.observation.stack import Phases, Run, Stack, fused, run, whole
from whylstm.diagnosis.plan import spread_ends
from whylstm.diagnosis.progress import check_memory
from whylstm.errors import StudyError

MOST = 8
"""How many sequences are measured unless chosen: more say little that these do not."""

ROOM = 120 * 2**20
"""Bytes that the slopes of all layers may take, as long as one sequence is left."""

SLOPES = 8
"""Numbers that are kept for each unit and step, of an LSTM, which has the most."""


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

    def gates(self, frame: Frame) -> dict[str, float]:
        """Return the mean of the carry gate over steps, sequences and units, by layer; empty where there is none."""
        return {}

    def most_sequences(self) -> int:
        """Return how many sequences are measured unless chosen."""
        return MOST

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
            most = self.most_sequences()
            longest = np.argsort(-self.lengths, kind="stable")[: max(most, there // 2)]
            return sorted({int(longest[round(i)]) for i in np.linspace(0, len(longest) - 1, min(most, len(longest)))})
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

    def __init__(self, name: str, kind: str, call: Call, place: Place, layers: int, notes: tuple[str, ...]) -> None:
        """Take the call, and which of its layers in which direction this is."""
        self.name, self.kind, self.call, self.place = name, kind, call, place
        self.lengths, padding = unpadded(call, place.way)
        self.notes = (*notes, *padding)
        directions = 2 if call.module.bidirectional else 1
        self.indices = [directions * (place.layer + layer) + place.way for layer in range(layers)]
        weights = [call.weights[index] for index in self.indices]
        self.size, self.units = sum(one.size for one in weights), weights[-1].units
        self._last: tuple[tuple[int, ...], Stack] | None = None

    @property
    def stack(self) -> Stack:
        """All layers along all sequences."""
        return self.stack_of(tuple(range(len(self.lengths))))

    def stack_of(self, sequences: tuple[int, ...]) -> Stack:
        """Return all layers along some of the sequences; what was asked for last is kept."""
        if self._last is None or self._last[0] != sequences:
            self._last = None
            check_memory(self._bytes() * len(sequences))
            self._last = sequences, Stack(tuple(self.runs(sequences)))
        return self._last[1]

    def runs(self, sequences: tuple[int, ...], *, downwards: bool = False) -> Iterator[Run]:
        """Run one layer after the other along some of the sequences, from the lowest or from the highest one."""
        index = torch.tensor(sequences)
        lengths = self.call.lengths[index]
        values = layer_values(self.call, sequences, self.name)
        for layer in range(len(self.indices))[:: -1 if downwards else 1]:
            place, level = self.indices[layer], self.place.layer + layer
            state = [part[place, index.to(part.device)] for part in self.call.state]
            read, output = values[level], values[level + 1]
            if self.call.module.bidirectional:
                output = output.chunk(2, -1)[self.place.way]
            if self.place.way:
                read, output = reversed_within(read, lengths), reversed_within(output, lengths)
            yield run(self.call.weights[place], read, state[0], state[1] if len(state) > 1 else None, output)

    def most_sequences(self) -> int:
        """Return how many sequences are measured unless chosen: as many as leave the memory small."""
        return int(min(MOST, max(1, ROOM // self._bytes())))

    def _bytes(self) -> int:
        """Return about how many bytes the slopes of a sequence take."""
        units = sum(self.call.weights[index].units for index in self.indices)
        return SLOPES * self.call.inputs.element_size() * len(self.call.inputs) * units

    def carries(self, frame: Frame) -> list[Tensor | None]:
        """Return the direct path of every unit by layer, (T, n, H): an LSTM's f, a GRU's z; None for an RNN."""
        return [one.carry for one in self.stack_of(frame.sequences).runs]

    def gates(self, frame: Frame) -> dict[str, float]:
        """Return the mean carry (an LSTM's f, a GRU's z) by layer."""
        means = {f"layer {place + 1}": carry for place, carry in enumerate(self.carries(frame))}
        return {name: float(carry.mean()) for name, carry in means.items() if carry is not None}

    def sample(self, frame: Frame, directions: int, generator: torch.Generator) -> Samples:
        """Return the norms of random directions taken back through all layers together."""
        with torch.no_grad():
            stack = self.stack_of(frame.sequences)
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
            stack = self.stack_of(frame.sequences)
            ends = torch.from_numpy(frame.ends[-1:])
            return hop_means(stack, self._rows(stack, ends, directions, generator), ends, frame.lags, generator)

    def _rows(self, stack: Stack, ends: Tensor, directions: int, generator: torch.Generator) -> Tensor:
        like = stack.runs[0].output
        shape = (len(ends), directions, ends.shape[1], sum(stack.sizes))
        return torch.randn(shape, generator=generator, dtype=torch.float32).to(like)


def _norms(stack: Stack, rows: Tensor, ends: Tensor, lags: int, turn: Any) -> np.ndarray:
    """Return ln ‖vᵀG‖ by lag, (K, windows·sequences, directions)."""
    logs = []
    for kept, scale, _ in stack.back(rows, ends, lags, turn):
        gone = (kept == 0).all(-1)
        logs.append(torch.where(gone, -torch.inf, scale).permute(0, 2, 1).flatten(0, 1).cpu().numpy())
    return np.stack(logs)


def even_angles(count: int, generator: torch.Generator) -> Tensor:
    """Return angles that are spread evenly over the circle from a random first one, (count,), float64.

    Products of paths with unequal numbers of hops then cancel but for what the directions differ in; with angles drawn
    one by one they are the larger part of the error.
    """
    first = torch.rand(1, generator=generator, dtype=torch.float64)
    return (torch.arange(count) + first) / count * 2 * torch.pi


def hop_means(stack: Stack, rows: Tensor, ends: Tensor, lags: int, generator: torch.Generator) -> np.ndarray:
    """Return Σ_r r ‖G^(r)‖²/Σ_r ‖G^(r)‖² at lags 1 ... K, (K,), see :meth:`FusedPart.mean_hops`."""
    directions = rows.shape[1]
    angles = even_angles(directions, generator).to(rows)
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
    layers = call.module.num_layers
    if not call.module.bidirectional:
        return [FusedPart(name, kind, call, Place(), layers, notes)]
    return [
        FusedPart(
            f"{name}{f', layer {layer + 1}' if layers > 1 else ''}, {word}", kind, call, Place(layer, way), 1, notes
        )
        for layer in range(layers)
        for way, word in enumerate(("forward", "backward"))
    ]


def unpadded(call: Call, way: int) -> tuple[np.ndarray, list[str]]:
    """Return how many steps of each sequence may be looked at, (N,), and a sentence where that leaves some out.

    An input that does not change any more from some step on is taken for padding, if it does change before; windows
    then end where it begins. In a backward direction padding comes first, and does not matter.
    """
    lengths = call.lengths.numpy().astype(int)
    if way or len(call.inputs) < 2:
        return lengths, []
    last = call.inputs[(call.lengths - 1).to(call.inputs.device), torch.arange(len(lengths))]
    differs = (call.inputs != last).any(-1).cpu().numpy()
    kept = np.array([steps.nonzero()[0].max(initial=-1) + 2 for steps in differs.T])
    padding = [place for place in range(len(lengths)) if 1 < kept[place] < lengths[place] - 1]
    if not padding:
        return lengths, []
    first = padding[0]
    note = (
        f"The input of {len(padding)} of {len(lengths)} sequences does not change any more from some step on (that of"
        f" sequence {first} from step {kept[first]}): this was taken for padding, and windows end before it."
    )
    return np.array([kept[place] if place in padding else length for place, length in enumerate(lengths)]), [note]


def layer_values(call: Call, sequences: tuple[int, ...], name: str) -> list[Tensor]:
    """Return what the lowest layer of a module reads and what each gives, (T, n, ·), along some of the sequences.

    Raises:
        StudyError: naming the first step whose state is not finite.
    """
    if call.values is not None and call.values[0] == sequences:
        return call.values[1]
    index = torch.tensor(sequences)
    lengths, values = call.lengths[index], [call.inputs[:, index.to(call.inputs.device)]]
    with torch.no_grad():
        for layer in range(call.module.num_layers):
            outputs = []
            for way in range(2 if call.module.bidirectional else 1):
                place = layer * (2 if call.module.bidirectional else 1) + way
                state = [part[place, index.to(part.device)] for part in call.state]
                read = reversed_within(values[-1], lengths) if way else values[-1]
                out = fused(call.weights[place], read, state[0], state[1] if len(state) > 1 else None)
                check_finite_steps(out, lengths, f"{name}: the state of layer {layer + 1}")
                outputs.append(reversed_within(out, lengths) if way else out)
            values.append(torch.cat(outputs, -1) if len(outputs) > 1 else outputs[0])
    call.values = (sequences, values)
    return values
