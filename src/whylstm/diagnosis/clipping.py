"""What clipping would meet: how widely the norm of the parameter gradient varies from one place to another.

A loss is needed, and the user's is not known. Here it is e_t = u·h_t at one step t, with a fixed unit vector u on the
top layer's output: the norm of de_t/dθ over all weights then differs between steps and sequences only through what the
network does to gradients. Its spread is what clipping acts on; its scale depends on the loss and means nothing.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from whylstm.diagnosis.chain import trajectories
from whylstm.diagnosis.network import Layer, Network
from whylstm.streams import stream

PLACES = 8
"""About how many places (sequence and step) are looked at."""


@dataclass(frozen=True)
class Place:
    """One loss: the sequence (its position among those measured), its step t (from 1), and log₁₀ ‖de_t/dθ‖."""

    sequence: int
    end: int
    log_norm: float


def gradient_norms(network: Network, inputs: Tensor) -> list[Place]:
    """Return the norm of the parameter gradient of a loss at several steps of every sequence (N, T, D)."""
    count, steps, _ = inputs.shape
    each = max(1, PLACES // count)
    ends = sorted({max(1, round(steps * (index + 1) / each)) for index in range(each)})
    return [place for sequence in range(count) for place in _along(network, inputs, sequence, ends)]


def _along(network: Network, inputs: Tensor, sequence: int, ends: list[int]) -> list[Place]:
    with torch.enable_grad():
        live = _with_gradients(network)
        top = trajectories(live, inputs[sequence : sequence + 1])[-1].states[live.layers[-1].cell.parts[0]]
        direction = _direction(live.layers[-1].hidden)
        weights = [value for layer in live.layers for value in layer.weights.values()]
        out = []
        for end in ends:
            loss = top[end, 0, 0] @ direction
            parts = torch.autograd.grad(loss, weights, retain_graph=True, allow_unused=True)
            out.append(Place(sequence, end, _log_norm([part for part in parts if part is not None])))
    return out


def _with_gradients(network: Network) -> Network:
    layers = (
        Layer(layer.cell, {name: value.clone().requires_grad_() for name, value in layer.weights.items()})
        for layer in network.layers
    )
    return Network(tuple(layers), network.kind)


def _direction(hidden: int) -> Tensor:
    drawn = torch.from_numpy(stream(0, "loss", hidden=hidden).standard_normal(hidden))
    return drawn / drawn.norm()


def _log_norm(parts: list[Tensor]) -> float:
    """Return log₁₀ of the norm of all parts together, without overflow of the squares."""
    largest = max(float(part.abs().max()) for part in parts if part.numel())
    if not 0 < largest < math.inf:
        return math.log10(largest) if largest > 0 else -math.inf
    return math.log10(largest) + 0.5 * math.log10(sum(float((part / largest).square().sum()) for part in parts))
