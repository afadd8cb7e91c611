"""Lyapunov exponents of the whole state: QR along the product of one-step Jacobians (Benettin et al. 1980).

An orthonormal frame Q is carried forward, J_t Q_{t-1} = Q_t R_t, and the exponents are the means of ln |diag R_t|
after a burn-in, in nats per step, largest first. Their standard error comes from the means of consecutive blocks,
which are nearly independent once a block is longer than the correlation time.

-1/λ₁ is the memory in steps: the lag after which the gradient has fallen by a factor e, in the long run.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from whylstm.gradients.factors import Factors


@dataclass(frozen=True)
class Exponents:
    """Lyapunov exponents with their convergence.

    Attributes:
        value: (B, n), nats per step, largest first; -inf where a direction is lost in one step.
        error: (B, n), standard error from the blocks' means, nats per step.
        drift: (B, n), last half minus first half: far from zero against ``error`` means not converged.
        steps: the number of steps averaged.
    """

    value: Tensor
    error: Tensor
    drift: Tensor
    steps: int


def lyapunov(factors: Factors, count: int | None = None, burn_in: int = 0, blocks: int = 10) -> Exponents:
    """Return the largest ``count`` exponents of B models along their trajectories.

    Args:
        factors: one-step Jacobians of B models over T steps.
        count: how many exponents; all S if left out.
        burn_in: steps during which the frame turns but nothing is counted.
        blocks: blocks for the standard error.

    Raises:
        ValueError: if fewer than two steps a block remain after the burn-in.
    """
    steps = factors.steps - burn_in
    if steps < 2 * blocks:
        raise ValueError(
            f"{factors.steps} steps less a burn-in of {burn_in} leave under two steps for each of {blocks}"
        )
    frame, growths = _first_frame(factors, count), []
    matrices, diagonals = factors.matrices.flatten(1, 2), _stacked(factors)
    for step in range(factors.steps):
        frame, triangle = torch.linalg.qr(_turned(matrices, diagonals[step], frame))
        growths.append(triangle.diagonal(dim1=-2, dim2=-1))
    return _summary(torch.stack(growths[burn_in:]).abs().log(), blocks)


def apply(factors: Factors, step: int, columns: Tensor) -> Tensor:
    """Return J_t V for V (B, S, n), without forming J_t."""
    parts = dict(zip(factors.parts, columns.unflatten(1, (len(factors.parts), -1)).unbind(1), strict=True))
    kicks = torch.einsum("brij,bjn->rbin", factors.matrices, parts[factors.parts[0]])
    out = {part: torch.zeros_like(parts[part]) for part in factors.parts}
    for (new, old), diagonal in factors.carry.items():
        out[new] = out[new] + diagonal[step, :, :, None] * parts[old]
    for (new, gate), diagonal in factors.mix.items():
        out[new] = out[new] + diagonal[step, :, :, None] * kicks[factors.gates.index(gate)]
    return torch.cat([out[part] for part in factors.parts], 1)


def _stacked(factors: Factors) -> Tensor:
    """Return the diagonals of all steps, (T, B, P, R + P, H): new part, then each gate's mix and each old part's carry.

    Thousands of short steps cost a few calls of torch each so, not a few for every diagonal, as :func:`apply` does.
    """
    absent = torch.zeros_like(next(iter((factors.carry | factors.mix).values())))

    def row(new: str) -> Tensor:
        mixes = [factors.mix.get((new, gate), absent) for gate in factors.gates]
        return torch.stack(mixes + [factors.carry.get((new, old), absent) for old in factors.parts], 2)

    return torch.stack([row(new) for new in factors.parts], 2)


def _turned(matrices: Tensor, diagonals: Tensor, columns: Tensor) -> Tensor:
    """Return J_t V for V (B, S, n), from U as (B, R · H, H) and one step of :func:`_stacked`."""
    _, parts, each, hidden = diagonals.shape
    kicks = (matrices @ columns[:, :hidden]).unflatten(1, (each - parts, hidden))
    both = torch.cat([kicks, columns.unflatten(1, (parts, hidden))], 1)
    return (diagonals[..., None] * both[:, None]).sum(2).flatten(1, 2)


def _first_frame(factors: Factors, count: int | None) -> Tensor:
    """Return a fixed, generic orthonormal frame (B, S, n): no exponent may be missed because an axis is special."""
    size = factors.hidden * len(factors.parts)
    numbers = torch.arange(1, size * size + 1, dtype=factors.matrices.dtype, device=factors.matrices.device)
    generic = torch.sin(numbers * numbers).reshape(size, size)[:, : count or size]
    return torch.linalg.qr(generic)[0].expand(factors.matrices.shape[0], -1, -1)


def _summary(logs: Tensor, blocks: int) -> Exponents:
    steps = logs.shape[0]
    means = torch.stack([block.mean(0) for block in logs.tensor_split(blocks)])
    halves = logs.tensor_split(2)
    return Exponents(
        value=logs.mean(0),
        error=means.std(0) / blocks**0.5,
        drift=halves[1].mean(0) - halves[0].mean(0),
        steps=steps,
    )
