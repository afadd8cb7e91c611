"""What a change would do, by doing it: the changed network is run on the same inputs and measured again.

The norm at each lag comes from random directions v (E‖vᵀG‖² = ‖G‖²_F), the same for every change, so that changes are
compared on equal terms; the network as it is stands beside them, measured in the same way.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from whylstm.diagnosis import exponents
from whylstm.diagnosis.chain import Chain, back, chains, first_break, trajectories
from whylstm.diagnosis.exponents import Exponent
from whylstm.diagnosis.hops import log_squares, random_rows
from whylstm.diagnosis.network import Layer, Network
from whylstm.diagnosis.plan import ROOM, states
from whylstm.diagnosis.reach import effective_memory
from whylstm.diagnosis.units import carry_of_units

DIRECTIONS = 16


@dataclass(frozen=True)
class Outcome:
    """What was measured on one network.

    Attributes:
        exponent: λ₁ of the whole network, None if the sequences are too short for it.
        memory: the effective memory in steps, None if it is longer than the largest lag.
        change: log₁₀ ‖G(K)‖/‖G(1)‖ at the largest lag K.
        carry: mean carry over units, steps and layers; NaN for cells without.
        broken: the first step with a state that is not finite, or None; then nothing else is known.
    """

    exponent: Exponent | None
    memory: int | None
    change: float
    carry: float
    broken: int | None = None


def outcomes(networks: list[Network], inputs: Tensor, lags: int) -> Iterator[Outcome]:
    """Run networks of equal shapes over sequences (N, T, D) and yield what becomes of the gradients of each."""
    at_once = max(1, ROOM // states(networks[0], inputs.shape[1], inputs.shape[0]))
    for first in range(0, len(networks), at_once):
        yield from _together(networks[first : first + at_once], inputs, lags)


def _together(networks: list[Network], inputs: Tensor, lags: int) -> list[Outcome]:
    """Measure several networks as one batch; those whose state overflows are left out of it."""
    broken = [first_break(trajectories(network, inputs)) for network in networks]
    fine = [network for network, step in zip(networks, broken, strict=True) if step is None]
    measured = iter(_measured(stacked(fine), inputs, lags) if fine else [])
    return [Outcome(None, None, math.nan, math.nan, step) if step else next(measured) for step in broken]


def stacked(networks: list[Network]) -> Network:
    """Return networks of equal shapes as one network of B models."""
    layers = []
    for same in zip(*(network.layers for network in networks), strict=True):
        weights = {name: torch.cat([layer.weights[name] for layer in same]) for name in same[0].weights}
        layers.append(Layer(same[0].cell, weights))
    return Network(tuple(layers), networks[0].kind)


def _measured(network: Network, inputs: Tensor, lags: int) -> list[Outcome]:
    found = chains(network, trajectories(network, inputs))
    logs = torch.stack([sampled_norms(one, lags) for one in found]).median(0).values
    models = logs.shape[1]
    exponent: list[Exponent | None] = [None] * models
    if exponents.enough(inputs.shape[1]):
        along = [exponents.of_network(one) for one in found]
        exponent = [exponents.together([one[model] for one in along]) for model in range(models)]
    carry = _mean_carry(found)
    return [
        Outcome(
            exponent[model],
            effective_memory(logs[:, model].tolist()),
            float(logs[-1, model] - logs[0, model]),
            float(carry[model]),
        )
        for model in range(models)
    ]


def sampled_norms(chain: Chain, lags: int, directions: int = DIRECTIONS) -> Tensor:
    """Return an estimate of log₁₀ ‖G_{T,k}‖_F for k = 1 ... ``lags`` at the sequence's end, (lags, B)."""
    rows, out = random_rows(chain, directions, seed=0), []
    for lag in range(1, lags + 1):
        rows = back(chain, chain.steps - lag, rows)
        total = torch.logsumexp(log_squares(rows) * math.log(10), -1) / math.log(10)
        out.append(0.5 * (total - math.log10(directions)))
    return torch.stack(out)


def _mean_carry(found: list[Chain]) -> Tensor:
    """Return the mean carry over sequences, layers, units and steps of every model, (B,); NaN without carry."""
    kept = [carry_of_units(link.own) for one in found for link in one.links]
    means = [one.mean((0, 2)) for one in kept if one is not None]
    return torch.stack(means).mean(0) if means else torch.full((len(found[0].links[0].matrices),), torch.nan)
