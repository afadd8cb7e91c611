"""Interventions on the one-step Jacobians: a hop count describes a parametrisation, an intervention tests what it says.

Each takes the factors of a run and returns changed ones, the run itself untouched. What happens to ‖G‖ then is cause,
not bookkeeping:

    cut_recurrence   no path through a recurrent matrix: only the carry is left
    freeze_carry     every unit keeps its mean carry: f no longer follows the inputs
    shuffle_gates    the steps' diagonals in another order: f and the hops keep their values, but lose their times
    scramble_signs   random signs on each hop, as if U were drawn afresh at each step: paths no longer add up
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import torch
from torch import Tensor

from whylstm.gradients.factors import Blocks, Factors
from whylstm.streams import stream


def cut_recurrence(factors: Factors, seed: int = 0) -> Factors:
    """Return the factors without their recurrent part: G becomes G^(0), the product of the carries."""
    return dataclasses.replace(factors, mix=_each(factors.mix, torch.zeros_like))


def freeze_carry(factors: Factors, seed: int = 0) -> Factors:
    """Return the factors with every carry at its unit's mean over time."""
    return dataclasses.replace(factors, carry=_each(factors.carry, lambda x: x.mean(0, keepdim=True).expand_as(x)))


def shuffle_gates(factors: Factors, seed: int = 0) -> Factors:
    """Return the factors with the steps in a random order, the same for carry and hops and for all models."""
    order = torch.from_numpy(stream(seed, "shuffle gates", steps=factors.steps).permutation(factors.steps))
    return dataclasses.replace(
        factors, carry=_each(factors.carry, lambda x: x[order]), mix=_each(factors.mix, lambda x: x[order])
    )


def scramble_signs(factors: Factors, seed: int = 0) -> Factors:
    """Return the factors with a random sign for every unit and step on all that passes a recurrent matrix."""
    shape = (factors.steps, 1, factors.hidden)
    signs = torch.from_numpy(stream(seed, "scramble signs", steps=shape[0], hidden=shape[2]).choice([-1.0, 1.0], shape))
    return dataclasses.replace(factors, mix=_each(factors.mix, lambda x: x * signs.to(x)))


INTERVENTIONS: dict[str, Callable[[Factors, int], Factors]] = {
    function.__name__: function for function in (cut_recurrence, freeze_carry, shuffle_gates, scramble_signs)
}


def _each(blocks: Blocks, change: Callable[[Tensor], Tensor]) -> Blocks:
    return {key: change(value) for key, value in blocks.items()}
