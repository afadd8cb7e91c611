"""Layers of torch.nn along the sequences that a model really ran: the slopes of every step, and rows taken back.

One step of a layer, gates in torch's order (Hochreiter & Schmidhuber 1997, Gers et al. 2000; Cho et al. 2014)::

    LSTM   C = f C' + i g, m = o tanh C, h = m, or h = W_hr m with a projection
    GRU    n = tanh(W x + r (U h' + c)), h = (1 - z) n + z h'
    RNN    h = tanh or relu (W x + U h')

A row p = ∂y/∂(h, C) after the step becomes a row before it by the slopes of the gates: elementwise products, then one
product with weight_hh for all rows at once, whichever window, direction or sequence they belong to. What passes
weight_hh or weight_hr has passed a recurrent matrix, a hop. What passes weight_ih climbs down to the layer below at
the same step, which is no hop (see :mod:`whylstm.diagnosis.chain`).

The states come from torch's own fused layers. All gates of a layer are then one product for all steps together. The
arithmetic is float64 if the weights are and float32 otherwise; rows are rescaled at every step, so no size is lost.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

Turn = Callable[[Tensor], Tensor] | None
"""What a passage through a recurrent matrix does to rows; None blocks it, so that only the carry is left."""


@dataclass(frozen=True)
class Weights:
    """One layer in one direction.

    Attributes:
        mode: torch's name of the cell: ``LSTM``, ``GRU``, ``RNN_TANH`` or ``RNN_RELU``.
        ih: (G·H, D).
        hh: (G·H, P), P the size of h.
        biases: ``bias_ih`` and ``bias_hh``, (G·H,) each, or None.
        hr: (P, H) of a projection, or None.
    """

    mode: str
    ih: Tensor
    hh: Tensor
    biases: tuple[Tensor, Tensor] | None = None
    hr: Tensor | None = None

    @property
    def units(self) -> int:
        """H, the number of units."""
        return self.hh.shape[0] // {"LSTM": 4, "GRU": 3}.get(self.mode, 1)

    @property
    def output(self) -> int:
        """P, the size of h."""
        return int(self.hh.shape[1])

    @property
    def size(self) -> int:
        """S, the numbers in the state of one sequence: h, and C for an LSTM."""
        return self.output + (self.units if self.mode == "LSTM" else 0)

    def tensors(self) -> list[Tensor]:
        """Return the weights in torch's order."""
        hr = [] if self.hr is None else [self.hr]
        return [self.ih, self.hh, *(self.biases or ()), *hr]


@dataclass(frozen=True)
class Run:
    """One layer along N sequences of T steps.

    Attributes:
        weights: of the layer.
        inputs: (T, N, D).
        states: h before the first step and after each, (T + 1, N, P).
        carry: the direct path of each unit: f of an LSTM, z of a GRU, (T, N, H); None for an RNN.
        slopes: per step, (T, N, ·), see :func:`pulled`.
    """

    weights: Weights
    inputs: Tensor
    states: Tensor
    carry: Tensor | None
    slopes: tuple[Tensor, ...]

    @property
    def before(self) -> Tensor:
        """The h that each step reads, (T, N, P)."""
        return self.states[:-1]

    @property
    def output(self) -> Tensor:
        """The h that each step makes, (T, N, P)."""
        return self.states[1:]


def run(weights: Weights, inputs: Tensor, h: Tensor, c: Tensor | None, output: Tensor | None = None) -> Run:
    """Run one layer.

    Args:
        weights: of the layer.
        inputs: (T, N, D).
        h: the first h, (N, P).
        c: the first C of an LSTM, (N, H).
        output: h after every step, (T, N, P), if it is known already.
    """
    states = torch.cat([h[None], fused(weights, inputs, h, c) if output is None else output])
    one, other = weights.biases or (None, None)
    drive = torch.nn.functional.linear(inputs, weights.ih, one)
    kick = torch.nn.functional.linear(states[:-1], weights.hh, other)
    if weights.mode == "LSTM":
        assert c is not None
        return _lstm(weights, inputs, states, drive.add_(kick), c)
    if weights.mode == "GRU":
        return _gru(weights, inputs, states, drive, kick)
    new = states[1:]
    slope = 1 - new.square() if weights.mode == "RNN_TANH" else (new > 0).to(new.dtype)
    return Run(weights, inputs, states, None, (slope,))


def fused(weights: Weights, inputs: Tensor, h: Tensor, c: Tensor | None) -> Tensor:
    """Return h after every step, (T, N, P), from torch's own layer."""
    state = h[None] if c is None else [h[None], c[None]]
    call = getattr(torch._VF, weights.mode.lower())
    found = call(inputs, state, weights.tensors(), weights.biases is not None, 1, 0.0, False, False, False)
    return found[0]


def _lstm(w: Weights, inputs: Tensor, states: Tensor, drive: Tensor, c: Tensor) -> Run:
    first, g, o = drive.split([2 * w.units, w.units, w.units], -1)
    i, f = first.sigmoid_().chunk(2, -1)
    g, o = g.tanh_(), o.sigmoid_()
    written = i * g
    memories = torch.empty(len(inputs) + 1, *written.shape[1:], dtype=written.dtype, device=written.device)
    memories[0] = c
    for step in range(len(inputs)):
        torch.addcmul(written[step], f[step], memories[step], out=memories[step + 1])
    squashed = memories[1:].tanh()
    through = torch.cat([written * (1 - i), memories[:-1] * f * (1 - f), i * (1 - g.square())], -1)
    shown = o * (1 - squashed.square())
    opened = squashed.mul_(o).mul_(1 - o)
    kept = f.contiguous()
    return Run(w, inputs, states, kept, (kept, shown, through, opened))


def _gru(w: Weights, inputs: Tensor, states: Tensor, drive: Tensor, kick: Tensor) -> Run:
    r, z = (drive[..., : 2 * w.units] + kick[..., : 2 * w.units]).sigmoid_().chunk(2, -1)
    inner = kick[..., 2 * w.units :]
    n = torch.tanh(drive[..., 2 * w.units :] + r * inner)
    new = (1 - z) * (1 - n.square())
    through = torch.cat([new * inner * r * (1 - r), (states[:-1] - n) * z * (1 - z), new], -1)
    kept = z.contiguous()
    return Run(w, inputs, states, kept, (kept, through, r.contiguous()))


def pulled(weights: Weights, slopes: tuple[Tensor, ...], rows: Tensor, turn: Turn) -> tuple[Tensor, Tensor]:
    """Take rows one step back.

    Args:
        weights: of the layer.
        slopes: those of the step, broadcastable to (..., ·).
        rows: ∂y/∂(h, C) after the step, (..., S).
        turn: what a passage through a recurrent matrix does.

    Returns:
        ∂y/∂(h, C) before the step, and ∂y/∂(the gates' inputs from below), (..., G·H).
    """
    if weights.mode == "LSTM":
        return _pulled_lstm(weights, slopes, rows, turn)
    if weights.mode == "GRU":
        kept, through, reset = slopes
        drive = (rows.unsqueeze(-2) * through.unflatten(-1, (3, -1))).flatten(-2)
        new = rows * kept
        if turn is not None:
            units = weights.units
            inner = torch.cat([drive[..., : 2 * units], drive[..., 2 * units :] * reset], -1)
            new = new + turn(inner @ weights.hh)
        return new, drive
    drive = rows * slopes[0]
    return (torch.zeros_like(rows) if turn is None else turn(drive @ weights.hh)), drive


def _pulled_lstm(weights: Weights, slopes: tuple[Tensor, ...], rows: Tensor, turn: Turn) -> tuple[Tensor, Tensor]:
    kept, shown, through, opened = slopes
    on_h, on_c = rows[..., : weights.output], rows[..., weights.output :]
    if weights.hr is not None:
        on_h = torch.zeros_like(on_c) if turn is None else turn(on_h @ weights.hr)
    inner = torch.addcmul(on_c, on_h, shown)
    gates = (inner.unsqueeze(-2) * through.unflatten(-1, (3, -1))).flatten(-2)
    drive = torch.cat([gates, on_h * opened], -1)
    back = rows.new_zeros(*rows.shape[:-1], weights.output) if turn is None else turn(drive @ weights.hh)
    return torch.cat([back, inner * kept], -1), drive


@dataclass(frozen=True)
class Stack:
    """Layers one over the other along the same sequences, lowest first, all in one direction."""

    runs: tuple[Run, ...]

    @property
    def sizes(self) -> list[int]:
        """S of each layer."""
        return [one.weights.size for one in self.runs]

    @property
    def steps(self) -> int:
        """T."""
        return len(self.runs[0].inputs)

    @property
    def sequences(self) -> int:
        """N."""
        return int(self.runs[0].inputs.shape[1])

    def step_back(
        self, rows: Tensor, at: Tensor, turn: Turn, *, alone: bool = False, drives: list[Tensor] | None = None
    ) -> tuple[Tensor, Tensor]:
        """Take rows (W, Q, N, S) of all layers through the steps ``at`` (W, N), counted from 0.

        Args:
            rows: ∂y/∂s after the steps, the layers' states side by side, lowest first.
            at: which step, for each window and sequence.
            turn: what a passage through a recurrent matrix does.
            alone: whether each layer's input counts as given, so that nothing comes down from the layer above.
            drives: takes what reaches the gates of each layer, (W, Q, N, G·H), the highest layer first.

        Returns:
            The rows before the steps, and ∂y/∂(the lowest layer's input), (W, Q, N, D).
        """
        parts = list(rows.split(self.sizes, -1))
        spill = None
        for place in range(len(self.runs) - 1, -1, -1):
            one = self.runs[place]
            if spill is not None:
                width = one.weights.output
                parts[place] = torch.cat([parts[place][..., :width] + spill, parts[place][..., width:]], -1)
            slopes = tuple(_at(slope, at) for slope in one.slopes)
            parts[place], drive = pulled(one.weights, slopes, parts[place], turn)
            spill = None if alone and place else drive @ one.weights.ih
            if drives is not None:
                drives.append(drive)
        assert spill is not None
        return torch.cat(parts, -1), spill

    def back(
        self, rows: Tensor, ends: Tensor, lags: int, turn: Turn, *, alone: bool = False
    ) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
        """Take rows back lag by lag, rescaled at each.

        Args:
            rows: (W, Q, N, S) at lag 0; with a turn of pairs the two halves of Q are real and imaginary parts.
            ends: the windows' last steps, counted from 1, (W, N).
            lags: how many.
            turn: what a passage through a recurrent matrix does.
            alone: see :meth:`step_back`.

        Yields:
            Rows before the step (rescaled), the logarithm (nats) of what was divided out so far, (W, Q, N) with halves
            of a pair equal, and the rows of the inputs on the same scale.
        """
        scale = rows.new_zeros(rows.shape[:-1], dtype=torch.float64)
        paired = getattr(turn, "paired", False)
        for lag in range(1, lags + 1):
            rows, inputs = self.step_back(rows, ends - lag, turn, alone=alone)
            size = torch.linalg.vector_norm(rows, dim=-1)
            if paired:
                size = torch.linalg.vector_norm(torch.stack(size.chunk(2, 1)), dim=0).repeat(1, 2, 1)
            size = torch.where(size > 0, size, 1)
            rows = rows / size[..., None]
            yield rows, scale.add_(size.double().log()), inputs / size[..., None]


def recurrent_drive(one: Run, drive: Tensor, at: slice) -> Tensor:
    """Return what reaches the recurrent products (T', Q, N, G·H) of some steps, given what reaches the gates there."""
    if one.weights.mode != "GRU":
        return drive
    units, reset = one.weights.units, one.slopes[2][at][:, None]
    return torch.cat([drive[..., : 2 * units], drive[..., 2 * units :] * reset], -1)


def _at(slope: Tensor, at: Tensor) -> Tensor:
    """Return the slopes (T, N, ·) of a step for each window and sequence, (W, 1, N, ·)."""
    if len(at) > 3 and bool((at == torch.arange(len(at), device=at.device)[:, None]).all()):
        return slope[: len(at)][:, None]
    if at.shape[0] == 1 and bool((at == at[0, 0]).all()):
        return slope[int(at[0, 0])][None, None]
    return slope[at, torch.arange(at.shape[1], device=at.device)][:, None]


class Phases:
    """Turns each row by a phase of its own at every hop: multiplication by z = exp(iθ), Q being real then imaginary."""

    paired = True

    def __init__(self, angles: Tensor) -> None:
        """Take the angles θ of the pairs, (Q/2,)."""
        self.cos, self.sin = angles.cos()[None, :, None, None], angles.sin()[None, :, None, None]

    def __call__(self, rows: Tensor) -> Tensor:
        """Return z times the rows (W, Q, N, ·)."""
        real, imaginary = rows.chunk(2, 1)
        return torch.cat([self.cos * real - self.sin * imaginary, self.sin * real + self.cos * imaginary], 1)


def whole(rows: Tensor) -> Tensor:
    """Return rows that passed a recurrent matrix unchanged: all paths count."""
    return rows
