"""Matrices whose size may be 1e-5000 or 1e+5000: a mantissa of order one, and a power of two beside it.

Rescaling by powers of two is exact, so a scaled product has the digits of the plain one wherever that one is finite.
What is lost is only what lies 1e-308 (in float32 1e-38) and more below the largest entry of the same matrix.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

LOG10_2 = 0.30102999566398119521


@dataclass(frozen=True)
class Scaled:
    """The matrices ``mantissa · 2**exponent``.

    Attributes:
        mantissa: (..., rows, columns).
        exponent: (...), whole numbers held as float64; -inf where the matrix is exactly zero.
    """

    mantissa: Tensor
    exponent: Tensor

    @staticmethod
    def of(matrix: Tensor) -> Scaled:
        """Wrap plain matrices (..., rows, columns)."""
        return Scaled(matrix, torch.zeros(matrix.shape[:-2], dtype=torch.float64, device=matrix.device)).rescaled()

    def __add__(self, other: Scaled) -> Scaled:
        top = torch.maximum(self.exponent, other.exponent)
        return Scaled(self._at(top) + other._at(top), top).rescaled()

    def __sub__(self, other: Scaled) -> Scaled:
        return self + Scaled(-other.mantissa, other.exponent)

    def rescaled(self) -> Scaled:
        """Return the same matrices with the largest entry of each mantissa in [1/2, 1)."""
        size = self.mantissa.abs().amax(dim=(-2, -1)).double()
        shift = torch.frexp(size).exponent.double()
        exponent = torch.where(size > 0, self.exponent + shift, -torch.inf)
        return Scaled(_shifted(self.mantissa, -shift), exponent)

    def log10_norm(self) -> Tensor:
        """Return log₁₀ of the Frobenius norm, (...) in float64; -inf for zero."""
        norm = torch.linalg.vector_norm(self.mantissa, dim=(-2, -1), dtype=torch.float64)
        return norm.log10() + self.exponent * LOG10_2

    def _at(self, exponent: Tensor) -> Tensor:
        """Return the mantissa that belongs to another (larger or equal) exponent."""
        shift = torch.nan_to_num(self.exponent - exponent, nan=0.0)
        return _shifted(self.mantissa, shift)


def _shifted(mantissa: Tensor, exponent: Tensor) -> Tensor:
    """Return mantissa · 2**exponent, in two steps: 2**149, which the smallest float32 needs, is itself none."""
    exponent = exponent.clamp(min=-4000)
    first = (exponent / 2).floor()
    for power in (first, exponent - first):
        mantissa = mantissa * torch.exp2(power).to(mantissa.dtype)[..., None, None]
    return mantissa
