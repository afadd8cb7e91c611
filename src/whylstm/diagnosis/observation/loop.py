"""Any recurrence: the state that goes in at step t against the one that went in at step t-k, whatever stands between.

The graph that the model itself built is followed back by vector-Jacobian products, so LayerNorm, attention over the
past, feedback of the output, zoneout, a residual or an ODE step are all part of what is measured. One pass gives every
lag of a window at once. What a passage through a parameter matrix is, :mod:`whylstm.diagnosis.observation.marker` says.

Rows are not rescaled on the way, since paths may join from anywhere: sizes below the smallest number of the model's
precision (1e-45 in float32, 1e-323 in float64) are told as zero.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor

from whylstm.diagnosis.observation.marker import Passage
from whylstm.diagnosis.observation.parts import Frame, Part, Samples, even_angles
from whylstm.diagnosis.progress import check_memory
from whylstm.errors import StudyError

ROOM = 64 * 2**20
"""Bytes of gradients that are held at once."""


@dataclass
class Steps:
    """What a loop gave to a cell.

    Attributes:
        states: the tensors of the state that went in at each step.
        axis: along which axis of a state's tensors the sequences lie, None if there is one sequence.
        missing: the first step, from 1, whose state came with no gradient: what was before it is cut off.
    """

    states: list[tuple[Tensor, ...]] = field(default_factory=list)
    axis: int | None = 0
    missing: int | None = None


class LoopPart(Part):
    """A cell that a model calls in a loop, or a step function."""

    def __init__(
        self, name: str, kind: str, steps: Steps, passage: Passage, parameters: tuple[Tensor, ...] = ()
    ) -> None:
        """Take what the loop gave, and the parameters of its cell.

        Raises:
            StudyError: if the states are not connected, or hold numbers that are not finite.
        """
        self.name, self.kind, self.passage = name, kind, passage
        self.states, self.axis, self.parameters = steps.states, steps.axis, parameters
        self.calls = len(steps.states)
        check_states(name, steps)
        first = self.states[0]
        self.sequences = 1 if self.axis is None else int(first[0].shape[self.axis])
        self.size = sum(part.numel() for part in first) // self.sequences
        self.units = first[0].numel() // self.sequences
        self.lengths = np.full(self.sequences, len(self.states) - 1)
        if passage.closed:
            inside = ", ".join(sorted(passage.closed))
            self.notes = (f"What is inside {inside} cannot be told apart, so a passage counts as one hop.",)
        check_connected(self)

    def sample(self, frame: Frame, directions: int, generator: torch.Generator) -> Samples:
        """Return the norms of random directions taken back through the graph."""
        total, carry, growth = [], [], None
        chosen = list(frame.sequences)
        for window, ends in enumerate(frame.ends):
            last = window == len(frame.ends) - 1
            reach = frame.whole if last else frame.lags
            v = self._directions(directions, generator)
            logs = self.norms(int(ends[0]), reach, v)[:, chosen]
            carry.append(self.norms(int(ends[0]), frame.lags, v, turn=0)[:, chosen])
            total.append(logs[: frame.lags])
            growth = logs
        assert growth is not None
        return Samples(np.concatenate(total, 1), np.concatenate(carry, 1), growth)

    def norms(self, end: int, lags: int, directions: Tensor, turn: Any = None) -> np.ndarray:
        """Return ln ‖vᵀG‖ at lags 1 ... K, (K, N, rows), for rows v (rows, N, S)."""
        logs = [self._log_norms(rows) for rows in self._back(end, lags, directions, turn)]
        return np.concatenate(logs, 2)

    def _log_norms(self, rows: list[Tensor]) -> np.ndarray:
        return np.stack([torch.linalg.vector_norm(one.double(), dim=-1).log().T.cpu().numpy() for one in rows])

    def rows(self, end: int, lags: int, directions: Tensor, turn: Any = None) -> list[Tensor]:
        """Return vᵀG at lags 1 ... K, (rows, N, S) each, for rows v (rows, N, S)."""
        found = self._back(end, lags, directions, turn)
        return [torch.cat(same) for same in zip(*found, strict=True)]

    def mean_hops(self, frame: Frame, directions: int, generator: torch.Generator) -> np.ndarray:
        """Return the mean number of hops at lags 1 ... K, (K,), from directions with a random phase at every hop.

        As for torch's own layers: two passes whose phases differ a little measure d/dθ of ‖vᵀG(exp iθ)‖².
        """
        v = self._directions(directions, generator)
        angles = even_angles(directions, generator)
        most = frame.lags * max(1, -(-self.passage.hops // (len(self.states) - 1)))
        step = 0.05 / most
        at = torch.cat([angles - step, angles + step])
        pairs = torch.cat([v, v, torch.zeros_like(v), torch.zeros_like(v)])
        out = []
        for rows in self.rows(int(frame.ends[-1][0]), frame.lags, pairs, (at.cos(), at.sin())):
            real, imaginary = rows.double().chunk(2)
            (r0, r1), (i0, i1) = real.chunk(2), imaginary.chunk(2)
            same = float((r0 * r1 + i0 * i1).sum())
            out.append(float((r0 * i1 - i0 * r1).sum()) / same / (2 * step) if same else math.nan)
        return np.array(out)

    def hop_shares(self, end: int, lag: int, directions: Tensor) -> Tensor:
        """Return the share of ‖vᵀG‖² by the number of hops 0, 1, ..., from as many roots of unity as tell them apart.

        Args:
            end: the step of the state that is looked at.
            lag: k.
            directions: rows v, (rows, N, S).
        """
        per_step = -(-self.passage.hops // (len(self.states) - 1))  # no path passes more products than there are
        return self._shares(end, lag, directions, lag * max(1, per_step) + 1)

    def _shares(self, end: int, lag: int, directions: Tensor, count: int) -> Tensor:
        angles = torch.arange(count, dtype=torch.float64) * 2 * math.pi / count
        turned = []
        for angle in angles:
            phases = (angle.cos().repeat(len(directions)), angle.sin().repeat(len(directions)))
            pairs = torch.cat([directions, torch.zeros_like(directions)])
            real, imaginary = self.rows(end, lag, pairs, phases)[lag - 1].double().chunk(2)
            turned.append(torch.complex(real, imaginary))
        by_hops = torch.fft.fft(torch.stack(turned), dim=0) / count
        squares = by_hops.abs().square().flatten(1).sum(1)
        return squares / squares.sum()

    def _back(self, end: int, lags: int, directions: Tensor, turn: Any) -> list[list[Tensor]]:
        """Return vᵀG by lag, (rows, N, S) each, in portions of the rows that fit into memory."""
        paired = isinstance(turn, tuple)
        each = max(1, ROOM // (lags * directions[0].numel() * directions.element_size()))
        portions = [directions] if paired else list(directions.split(each))
        self.passage.turn = turn
        try:
            return [self._portion(end, lags, portion) for portion in portions]
        finally:
            self.passage.turn = None

    def _portion(self, end: int, lags: int, rows: Tensor) -> list[Tensor]:
        check_memory(2 * lags * rows.numel() * rows.element_size())
        outputs = self.states[end]
        inputs = [part for lag in range(1, lags + 1) for part in self.states[end - lag]]
        pieces = self._pieces(rows)

        def pulled(*each: Tensor) -> tuple[Tensor, ...]:
            found = torch.autograd.grad(outputs, inputs, each, retain_graph=True, allow_unused=True)
            return tuple(
                torch.zeros_like(part) if one is None else one for one, part in zip(found, inputs, strict=True)
            )

        try:
            found = torch.func.vmap(pulled)(*pieces)
        except RuntimeError as error:
            raise explained(self.name, error) from error
        count = len(outputs)
        return [self._joined(found[place : place + count], len(rows)) for place in range(0, len(found), count)]

    def _directions(self, count: int, generator: torch.Generator) -> Tensor:
        like = self.states[0][0]
        return torch.randn(count, self.sequences, self.size, generator=generator).to(like.device, like.dtype)

    def _pieces(self, rows: Tensor) -> list[Tensor]:
        """Return rows (rows, N, S) as the state's tensors are shaped, (rows, ...)."""
        sizes = [part.numel() // self.sequences for part in self.states[0]]
        out = []
        for part, piece in zip(self.states[0], rows.split(sizes, -1), strict=True):
            if self.axis is None:
                out.append(piece.reshape(len(rows), *part.shape))
                continue
            rest = [size for axis, size in enumerate(part.shape) if axis != self.axis]
            out.append(piece.reshape(len(rows), self.sequences, *rest).movedim(1, 1 + self.axis))
        return out

    def _joined(self, parts: tuple[Tensor, ...], count: int) -> Tensor:
        """Return the state's tensors (rows, ...) as rows (rows, N, S)."""
        if self.axis is not None:
            parts = tuple(part.movedim(1 + self.axis, 1) for part in parts)
        return torch.cat([part.reshape(count, self.sequences, -1) for part in parts], -1)


def check_states(name: str, steps: Steps) -> None:
    """Do nothing if there are enough states, all of them finite and in one graph.

    Raises:
        StudyError: naming the step.
    """
    if steps.missing is not None:
        raise StudyError(
            f"the state that goes into {name} at step {steps.missing} has no gradient: it was cut off from step"
            f" {steps.missing - 1} by detach or no_grad"
        )
    if len(steps.states) < 3:
        raise StudyError(f"{name} was called for {len(steps.states)} steps; allowed: three or more")
    for step, state in enumerate(steps.states):
        if any(not bool(torch.isfinite(part).all()) for part in state):
            raise StudyError(
                f"the state that goes into {name} at step {step + 1} holds a number that is not finite; allowed: a run"
                " whose states are finite"
            )


def check_connected(part: LoopPart) -> None:
    """Do nothing if the last state depends on every one before it.

    Raises:
        StudyError: naming the step at which the graph is cut.
    """
    outputs = part.states[-1]
    inputs = [one for state in part.states[:-1] for one in state]
    try:
        found = torch.autograd.grad(
            outputs, inputs, [torch.ones_like(one) for one in outputs], retain_graph=True, allow_unused=True
        )
    except RuntimeError as error:
        raise explained(part.name, error) from error
    count = len(outputs)
    for step in range(len(part.states) - 2, -1, -1):
        if all(one is None for one in found[step * count : (step + 1) * count]):
            raise StudyError(
                f"the state that goes into {part.name} at step {step + 2} does not depend on the one at step"
                f" {step + 1}: the graph is cut there by detach, no_grad or a new tensor"
            )


def explained(name: str, error: RuntimeError) -> StudyError:
    """Return torch's complaint about a graph as a sentence."""
    said = str(error)
    if "inplace operation" in said or "in-place" in said:
        return StudyError(
            f"the run changes a tensor in place that the gradient through {name} needs; allowed: a model whose own"
            " backward pass runs"
        )
    return StudyError(f"no gradient passes back through {name}: {said.splitlines()[0]}")


def slots(arguments: list[Any], before: list[Tensor]) -> list[int]:
    """Return which of a call's arguments (flat) are the state that the call before gave, by their places.

    A state has the shape of something that the call before returned, and is that very tensor or depends on it.
    """
    tensors = [
        (place, one) for place, one in enumerate(arguments) if isinstance(one, Tensor) and one.is_floating_point()
    ]
    same = [place for place, one in tensors if any(one is other for other in before)]
    if same:
        return same
    shapes, live = {tuple(one.shape) for one in before}, [other for other in before if other.requires_grad]
    return [place for place, one in tensors if tuple(one.shape) in shapes and depends(one, live)]


def depends(one: Tensor, others: list[Tensor]) -> bool:
    """Return whether a tensor depends on one of the others by the graph."""
    if not one.requires_grad or not others:
        return False
    found = torch.autograd.grad(one.sum(), others, retain_graph=True, allow_unused=True)
    return any(part is not None for part in found)
