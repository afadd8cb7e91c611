"""The readout y = V h + v at the steps where an answer is due, the loss, and their gradients.

Classification: cross-entropy of softmax(y), nats per answer. Regression: squared error, mean over answers and values.
Losses are summed in float64, model by model and answer by answer.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor

from whylstm.streams import stream
from whylstm.training import losses
from whylstm.training.products import product
from whylstm.training.sequences import Sequences


def initial(hidden: int, outputs: int, seed: int, replicate: int) -> dict[str, np.ndarray]:
    """Return V (K, H) and v (K,) from U(-1/√H, 1/√H), the law of torch.nn.Linear; paired like all initial weights."""
    rng = stream(seed, "readout", hidden=hidden, outputs=outputs, replicate=replicate)
    bound = hidden**-0.5
    return {"V": rng.uniform(-bound, bound, (outputs, hidden)), "v": rng.uniform(-bound, bound, outputs)}


def answers(states: Tensor, sequences: Sequences) -> Tensor:
    """Return h at the steps of the answers, (B, N·A, H), from the states after each step, (T, B, N', H)."""
    when = torch.from_numpy(sequences.when[sequences.reader])  # (B, N, A)
    models, count, asked = when.shape
    model = torch.arange(models)[:, None, None]
    return states[when, model, torch.arange(count)[:, None]].reshape(models, count * asked, -1)


def injected(gradient: Tensor, sequences: Sequences, padded: int) -> dict[int, Tensor]:
    """Return ∂E/∂h by step, (B, N', H) each, from the gradient at the answers, (B, N·A, H)."""
    when = torch.from_numpy(sequences.when[sequences.reader])
    models, count, asked = when.shape
    steps = torch.from_numpy(sequences.answer_steps)
    dense = gradient.new_zeros(len(steps), models, padded, gradient.shape[-1])
    place = torch.searchsorted(steps, when)
    dense[place, torch.arange(models)[:, None, None], torch.arange(count)[:, None]] = gradient.unflatten(
        1, (count, asked)
    )
    return dict(zip(steps.tolist(), dense, strict=True))


def outputs(weights: Mapping[str, Tensor], states: Tensor) -> Tensor:
    """Return y = V h + v for states (B, M, H), (B, M, K)."""
    return product(states, weights["V"].transpose(1, 2)) + weights["v"][:, None]


def loss(values: Tensor, sequences: Sequences) -> tuple[np.ndarray, Tensor]:
    """Return each model's loss, (B,) float64, and its gradient with respect to the outputs (B, M, K)."""
    found, slope = np.zeros(len(values)), torch.zeros_like(values)
    for model, batch in enumerate(sequences.reader):
        targets = sequences.targets[batch].flatten(0, 1).numpy()
        kernel = losses.squared_error if sequences.targets.is_floating_point() else losses.cross_entropy
        found[model] = kernel(values[model].numpy(), targets, slope[model].numpy())
    return found, slope
