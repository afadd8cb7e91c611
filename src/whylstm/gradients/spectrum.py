"""Singular values of the lag Jacobian in log space: how many directions of the past survive, not only the largest.

The condition number of G_{t,k} grows exponentially with k, and a plain SVD of the product sees only rounding below
1e-16 of its largest value. So there are two routes, and each value is taken from the one that can see it:

- values above :data:`TRUSTED` of the largest from an SVD of the (scaled) product;
- smaller ones from QR sweeps along the factors, forwards and backwards in turn, which leave triangular factors whose
  diagonals multiply to the singular values (Stewart 1997). A sweep shrinks the error by the squared gap between
  neighbouring values; the last sweep's change is returned with the result.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from whylstm.gradients.factors import Factors
from whylstm.gradients.lyapunov import apply
from whylstm.gradients.scaled import Scaled

TRUSTED = 1e-6
"""Relative size above which an SVD of the product is right to 1e-9: its error is 1e-16 of the largest value."""


@dataclass(frozen=True)
class Spectrum:
    """Singular values of G_{t,k} for B models.

    Attributes:
        log: (B, S), natural logarithm, largest first; -inf for an exact zero.
        change: (B,), the largest change in the last sweep of any finite value that comes from the sweeps, nats.
    """

    log: Tensor
    change: Tensor

    @property
    def condition(self) -> Tensor:
        """log₁₀ of the condition number, (B,); inf if G is singular."""
        return (self.log[:, 0] - self.log[:, -1]) / torch.log(torch.tensor(10.0, dtype=torch.float64))

    @property
    def effective_rank(self) -> Tensor:
        """Number of directions, (B,): exp of the entropy of the shares of the squared singular values, 1 to S."""
        shares = torch.softmax(2 * self.log, dim=1)
        return torch.special.entr(shares).sum(1).exp()


def spectrum(factors: Factors, end: int, lag: int, sweeps: int = 8) -> Spectrum:
    """Return all singular values of G_{t,k} for t = ``end``.

    Args:
        factors: one-step Jacobians of B models.
        end: t, counted from 1.
        lag: k, at least 1.
        sweeps: how often the product is swept; the result's ``change`` says whether it was enough.

    Raises:
        ValueError: if the window does not lie inside the trajectory.
    """
    if not 1 <= lag <= end <= factors.steps:
        raise ValueError(f"lag {lag} and end {end} must satisfy 1 <= lag <= end <= {factors.steps}")
    size = factors.hidden * len(factors.parts)
    eye = torch.eye(size, dtype=factors.matrices.dtype, device=factors.matrices.device)
    identity = eye.expand(factors.matrices.shape[0], -1, -1)
    chain = [apply(factors, step, identity) for step in range(end - lag, end)]
    direct = _direct(chain)
    swept, change = _swept(chain, sweeps)
    seen = direct > direct[:, :1] + math.log(TRUSTED)
    change = torch.where(seen, 0.0, change).nan_to_num(nan=0.0, posinf=0.0)
    return Spectrum(torch.where(seen, direct, swept), change.amax(1))


def _direct(chain: list[Tensor]) -> Tensor:
    """Return the logarithms of the singular values of A_k ... A_1 by forming the product, (B, S)."""
    product = Scaled.of(chain[0])
    for factor in chain[1:]:
        product = Scaled(factor @ product.mantissa, product.exponent).rescaled()
    return torch.linalg.svdvals(product.mantissa.double()).log() + product.exponent[:, None] * math.log(2)


def _swept(chain: list[Tensor], sweeps: int) -> tuple[Tensor, Tensor]:
    """Return the logarithms of the singular values by QR sweeps, (B, S), and their change in the last sweep."""
    logs = torch.full(chain[0].shape[:2], torch.nan, dtype=torch.float64)
    for _ in range(sweeps):
        before = logs
        chain, logs = _sweep(chain)
        chain = [triangle.mT for triangle in reversed(chain)]
    return logs.sort(descending=True).values, (logs - before).abs()


def _sweep(chain: list[Tensor]) -> tuple[list[Tensor], Tensor]:
    """Make every factor of A_k ... A_1 triangular by QR from the right; return them and Σ ln |diag|, (B, S)."""
    frame, triangles = None, []
    for factor in chain:
        frame, triangle = torch.linalg.qr(factor if frame is None else factor @ frame)
        triangles.append(triangle)
    logs = sum(triangle.diagonal(dim1=-2, dim2=-1).abs().double().log() for triangle in triangles)
    return triangles, torch.as_tensor(logs)
