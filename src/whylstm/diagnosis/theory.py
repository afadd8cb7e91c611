"""What theory predicts for a layer's growth per step, from nothing but its weights' statistics or its mean Jacobian.

Four predictions of λ₁ in nats per step, each to be held against the measured one, none of them assumed:

    coherent, incoherent, mean   see :mod:`whylstm.gradients.growth`
    mean_field                   random Gaussian weights with the variances that this layer's have, every bias zero but
                                 the forget bias, which is the mean one, and the cell's
                                 own parameters those of this layer; see :mod:`whylstm.gradients.mean_field`
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from whylstm.diagnosis.network import Layer
from whylstm.gradients.factors import Factors
from whylstm.gradients.growth import growth
from whylstm.gradients.mean_field import second_moment_growth

STEPS = 300
"""Steps of the input that the mean field is driven by: more change its λ₁ by less than its sampling error."""

UNITS = 1024
"""Units sampled for the mean field."""


def predictions(layer: Layer, own: Factors, inputs: Tensor) -> dict[str, float]:
    """Return the predicted λ₁ of one layer by the name of the theory, nats per step; NaN where a theory has no say.

    Args:
        layer: its weights.
        own: its one-step Jacobians along a sequence, at least two steps.
        inputs: what it read along that sequence, (T, D).
    """
    found = {name.removeprefix("growth_"): float(value[0]) for name, value in growth(own).items()}
    found.pop("carry_mean")
    if len(own.parts) > 1 and own.exposure is None:  # no single loop of a memory, which these two are about
        found = {"mean": found["mean"]}
    return found | {"mean_field": mean_field(layer, inputs)}


def mean_field(layer: Layer, inputs: Tensor) -> float:
    """Return the mean-field λ₁ of random weights with this layer's variances, nats per step."""
    cell, weights = layer.cell, layer.weights
    if cell.diagonal or len(inputs) < 2:
        return math.nan
    bias = forget_bias(layer)
    steps = inputs[:STEPS]
    return second_moment_growth(
        cell,
        gain=gain(layer),
        forget_bias=None if bias is None else float(bias.mean()),
        input_scale=float(weights["W"].square().mean().sqrt()) * layer.features**0.5,
        inputs=steps.numpy(),
        own={name: weights[name][0] for name in (*cell.extras, *cell.options)},
        units=UNITS,
        burn_in=min(50, len(steps) // 4),
    )


def gain(layer: Layer) -> float:
    """Return σ_w: √H times the root mean square of the recurrent weights, over all gates."""
    return float(layer.weights["U"].square().mean().sqrt()) * layer.hidden**0.5


def forget_bias(layer: Layer) -> Tensor | None:
    """Return the carry gate's bias of every unit, recurrent bias included, (H,); None for a cell without one."""
    cell, weights = layer.cell, layer.weights
    if cell.carry_gate is None:
        return None
    bias = weights["b"][0, cell.gates.index(cell.carry_gate)]
    if cell.recurrent_bias and cell.carry_gate in cell.recurrent_gates:
        bias = bias + weights["c"][0, cell.recurrent_gates.index(cell.carry_gate)]
    return torch.as_tensor(bias)
