"""Which units carry: the mean carry and the half-life of the direct path of every unit, layer by layer.

The direct path of a unit multiplies by its carry at each step: f for an LSTM, z for a GRU, 1 - α for a leaky network.
Its half-life is ln 2 / -mean(ln f) steps, over all steps and sequences. Where two parts of a unit's state feed each
other by carry (the LRU's rotation, a trace that is read again), f is what a step makes of the size of the product of
the unit's carry blocks: |λ| for a rotation, and in the long run the block's larger eigenvalue where it has two.
A simple RNN has no carry: all of its paths pass recurrent matrices.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from whylstm.gradients.factors import Factors


def carry_of_units(own: Factors) -> Tensor | None:
    """Return the size of every unit's carry at every step, (T, B, H); None for a cell without carry."""
    if not own.carry:
        return None
    if any(new != old and (old, new) in own.carry for new, old in own.carry):
        return _of_products(own)
    return own.diagonal(own.parts[-1], own.parts[-1]).abs()


def _of_products(own: Factors) -> Tensor:
    """Return ‖M_t ... M_1‖ / ‖M_{t-1} ... M_1‖ for every unit's carry blocks M, parts by parts, (T, B, H)."""
    rows = [torch.stack([own.diagonal(new, old) for old in own.parts], -1) for new in own.parts]
    blocks, sizes = torch.stack(rows, -2), []
    product = torch.eye(len(own.parts), dtype=blocks.dtype) / len(own.parts) ** 0.5
    for block in blocks:
        product = block @ product
        sizes.append(torch.linalg.matrix_norm(product))
        product = product / sizes[-1].clamp(min=torch.finfo(blocks.dtype).tiny)[..., None, None]
    return torch.stack(sizes)


def half_lives(carry: Tensor) -> Tensor:
    """Return ln 2 / -mean(ln f) of every unit, in steps, (H,); inf where f is 1 throughout, 0 where it is ever 0."""
    fall = -carry.log().mean(0)
    return torch.where(fall > 0, math.log(2) / fall, torch.inf)
