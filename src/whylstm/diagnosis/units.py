"""Which units carry: the mean carry and the half-life of the direct path of every unit, layer by layer.

The direct path of a unit multiplies by its carry at each step: f for an LSTM, z for a GRU, 1 - α for a leaky network.
Its half-life is ln 2 / -mean(ln f) steps, over all steps and sequences. Where two parts of a unit's state feed each
other by carry (the LRU's rotation), the square root of the determinant of that 2 x 2 block stands in the place of f.
A simple RNN has no carry: all of its paths pass recurrent matrices.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from whylstm.gradients.factors import Factors


def carry_of_units(own: Factors) -> Tensor | None:
    """Return the size of every unit's carry at every step, (T, B, H); None for a cell without carry."""
    first, last = own.parts[0], own.parts[-1]
    if not own.carry:
        return None
    if len(own.parts) == 2 and {(first, last), (last, first)} <= set(own.carry):
        kept = own.diagonal(first, first) * own.diagonal(last, last)
        turned = own.diagonal(first, last) * own.diagonal(last, first)
        return (kept - turned).abs().sqrt()
    return own.diagonal(last, last).abs()


def half_lives(carry: Tensor) -> Tensor:
    """Return ln 2 / -mean(ln f) of every unit, in steps, (H,); inf where f is 1 throughout, 0 where it is ever 0."""
    fall = -carry.log().mean(0)
    return torch.where(fall > 0, math.log(2) / fall, torch.inf)
