"""Recurrences of both families as readers of equal size, trained side by side by torch.

Networks of one recurrence are trained together: each has weights, sequences and a learning rate of its own, and their
losses are summed, so that no gradient of one holds anything of another.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from whylstm import cells, initialisations, matrix_cells, tasks
from whylstm.gradients import matrix
from whylstm.laboratory._matrix import start
from whylstm.streams import stream

Weights = dict[str, Tensor]
BETAS, EPSILON, CLIP = (0.9, 0.999), 1e-8, 1.0
"""Constants of Adam, and the norm above which a network's gradient is scaled back."""
HEADS, KEYS = range(1, 33), range(4, 7)
"""What the heads and keys of a recurrence with a matrix state may be: small heads, many of them, cost least."""


@dataclass(frozen=True)
class Size:
    """How large a recurrence is: H hidden units, or heads and keys; and its number of parameters, readout included."""

    hidden: int
    heads: int
    keys: int
    parameters: int


def size(family: str, name: str, features: int, outputs: int, parameters: int) -> Size:
    """Return the size whose number of parameters is nearest to the one wanted; with more keys where two are equal."""
    if family == "cells":
        candidates = [Size(hidden, 0, 0, _plain_count(name, hidden, features, outputs)) for hidden in range(2, 257)]
    else:
        candidates = [
            Size(heads * keys, heads, keys, _matrix_count(name, heads, keys, features, outputs))
            for heads in HEADS
            for keys in KEYS
        ]
    return min(candidates, key=lambda one: (abs(math.log(one.parameters / parameters)), -one.keys))


def _plain_count(name: str, hidden: int, features: int, outputs: int) -> int:
    cell = cells.load(name)
    recurrent = len(cell.recurrent_gates)
    own = len(cell.gates) * (features + 1) + recurrent * (hidden + cell.recurrent_bias) + len(cell.extras)
    return hidden * (own + outputs) + outputs


def _matrix_count(name: str, heads: int, keys: int, features: int, outputs: int) -> int:
    cell, each = matrix_cells.load(name), matrix.sizes(keys, keys)
    drives = sum(each[kind] * (features + 1) for kind in cell.drives.values())
    extras = sum(each[kind] for kind in cell.extras.values())
    return heads * (drives + extras + keys * outputs) + outputs


def weights(
    family: str, name: str, like: Size, features: int, outputs: int, seed: int, replicate: int, forget_bias: float
) -> Weights:
    """Return the weights of one network with its readout, float32; a readout of zeros, which guesses."""
    if family == "cells":
        cell = cells.load(name)
        drawn = initialisations.weights(
            cell.initialisation or "gaussian", cell, hidden=like.hidden, features=features, seed=seed,
            replicate=replicate, gain=1.0, forget_bias=forget_bias, input_scale=1.0,
        )  # fmt: skip
        found = {key: torch.from_numpy(np.asarray(value)) for key, value in drawn.items()}
    else:
        one = matrix_cells.load(name)
        found = start(one, like.heads, like.keys, like.keys, features, seed, replicate, forget_bias)
    found |= {"readout": torch.zeros(outputs, like.hidden), "readout_bias": torch.zeros(outputs)}
    return {key: value.float() for key, value in found.items()}


def reader(family: str, name: str) -> Callable[[Weights, Tensor], Tensor]:
    """Return the function from the weights of B networks and inputs (B, N, T, D) to logits (B, N, T, K)."""
    run = _plain if family == "cells" else _matrix

    def read(given: Weights, inputs: Tensor) -> Tensor:
        hidden = run(name, given, inputs)
        return hidden @ given["readout"][:, None].mT + given["readout_bias"][:, None, None]

    return read


def options(family: str, name: str) -> set[str]:
    """Return the names of a recurrence's constants, which are not learned."""
    return set(cells.load(name).options) if family == "cells" else set()


def _plain(name: str, given: Weights, inputs: Tensor) -> Tensor:
    """Return h at every step, (B, N, T, H)."""
    cell = cells.load(name)
    own = {key: given[key][:, None] for key in (*cell.extras, *cell.options)}
    gates, hidden = given["W"].shape[1:3]
    flat = inputs @ given["W"].flatten(1, 2).mT[:, None] + given["b"].flatten(1)[:, None, None]
    a = flat.unflatten(-1, (gates, hidden)).unbind(2)
    state = {part: flat.new_zeros(*flat.shape[:2], hidden) for part in cell.parts}
    stacked, outputs = given["U"].flatten(1, 2).mT, []
    for drives in a:
        r: dict[str, Tensor] = {}
        if cell.recurrent_gates:
            drawn = (state[cell.parts[0]] @ stacked).unflatten(-1, (len(cell.recurrent_gates), hidden))
            drawn = drawn + given["c"][:, None] if cell.recurrent_bias else drawn
            r = dict(zip(cell.recurrent_gates, drawn.unbind(2), strict=True))
        state = cell.update(state, r, dict(zip(cell.gates, drives.unbind(2), strict=True)), own)
        outputs.append(state[cell.parts[0]])
    return torch.stack(outputs, 2)


def _matrix(name: str, given: Weights, inputs: Tensor) -> Tensor:
    """Return the outputs of all heads side by side, (B, N, T, M V)."""
    return matrix.run(matrix_cells.load(name), given, inputs).flatten(3)


def train(
    read: Callable[[Weights, Tensor], Tensor], given: Weights, fixed: Collection[str], rates: Tensor,
    batches: Callable[[int], tuple[Tensor, Tensor]], updates: int,
) -> Weights:  # fmt: skip
    """Return the weights of B networks after so many updates of Adam on the mean cross-entropy per answer.

    Args:
        read: the reader.
        given: first weights.
        fixed: names of weights that are not learned.
        rates: a learning rate for each network, (B,).
        batches: ``batches(update)`` returns inputs (B, N, T, D) and classes (B, N, T).
        updates: how many updates; a network whose gradient is not finite is left as it is.
    """
    leaves = {key: value.clone().requires_grad_() for key, value in given.items() if key not in fixed and value.numel()}
    rest = {key: value for key, value in given.items() if key not in leaves}
    moments = {key: (torch.zeros_like(value), torch.zeros_like(value)) for key, value in leaves.items()}
    for update in range(1, updates + 1):
        inputs, classes = batches(update)
        logits = read(rest | leaves, inputs)
        losses = torch.nn.functional.cross_entropy(logits.flatten(0, 2), classes.flatten(), reduction="none")
        gradients = torch.autograd.grad(losses.unflatten(0, (len(rates), -1)).mean(1).sum(), list(leaves.values()))
        square = torch.stack([gradient.square().flatten(1).sum(1) for gradient in gradients]).sum(0)
        scale = torch.where(square.isfinite(), (CLIP / square.sqrt()).clamp(max=1), 0.0)
        with torch.no_grad():
            for (key, leaf), gradient in zip(leaves.items(), gradients, strict=True):
                _adam(leaf, gradient, moments[key], scale, rates, update)
    return rest | {key: leaf.detach() for key, leaf in leaves.items()}


def _adam(
    leaf: Tensor, gradient: Tensor, moments: tuple[Tensor, Tensor], scale: Tensor, rates: Tensor, update: int
) -> None:
    """Move a tensor (B, ...) of all networks by one step of Adam (Kingma & Ba 2015, algorithm 1)."""
    shape = (-1, *[1] * (leaf.dim() - 1))
    clipped = torch.nan_to_num(gradient) * scale.view(shape)
    first, second = moments
    first.lerp_(clipped, 1 - BETAS[0])
    second.lerp_(clipped.square(), 1 - BETAS[1])
    size_ = (second / (1 - BETAS[1] ** update)).sqrt_().add_(EPSILON)
    leaf -= rates.view(shape) * (scale > 0).view(shape) * (first / (1 - BETAS[0] ** update)) / size_


def sequences(
    task: str, seed: int, purpose: str, replicates: list[int], count: int, length: int, update: int
) -> tuple[Tensor, Tensor]:
    """Return one batch for each replicate, inputs (R, N, T, D) float32 and classes (R, N, T)."""
    drawn = [
        tasks.load(task).draw(
            stream(seed, "tracking", task=task, use=purpose, replicate=replicate, update=update), count, length
        )
        for replicate in replicates
    ]
    inputs = torch.from_numpy(np.stack([batch.inputs for batch in drawn])).float()
    return inputs, torch.from_numpy(np.stack([batch.targets for batch in drawn]))
