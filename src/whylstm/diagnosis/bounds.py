"""What norms alone can promise: an upper bound of the gradient at every lag, to hold against what was measured.

A block's norm is at most its largest diagonal entry plus, through the recurrent matrices, Σ_g max|mix[p,g]| σ_max(U_g).
So every J_t has a small table of norms N_t, parts by parts, and since norms of products are at most products of norms,

    ‖G_{t,k}‖₂ ≤ ‖N_t N_{t-1} ... N_{t-k+1}‖₂

It holds for the very trajectory that was run. For a simple RNN it is at most (γ σ_max(U))^k, the bound of Pascanu,
Mikolov & Bengio 2013, where γ is the largest slope: 1 for tanh and ReLU.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from whylstm.diagnosis.network import Layer
from whylstm.gradients.factors import Factors
from whylstm.gradients.scaled import LOG10_2, Scaled


def spectral_norms(gates: tuple[str, ...], matrices: Tensor) -> dict[str, float]:
    """Return σ_max(U_g) by gate, from the recurrent matrices of one model (R, H, H)."""
    return {gate: _spectral_norm(matrix) for gate, matrix in zip(gates, matrices, strict=True)}


def _spectral_norm(matrix: Tensor) -> float:
    """Return σ_max of a finite matrix, scaled first, so that no square overflows on the way."""
    scale = float(matrix.abs().max())
    return scale * float(torch.linalg.matrix_norm(matrix / scale, 2)) if scale else 0.0


def step_bound(layer: Layer) -> float | None:
    """Return γ σ_max(U), the most that one step of a simple RNN can stretch a gradient; None for other cells."""
    cell, gates = layer.cell, layer.cell.recurrent_gates
    if len(cell.parts) > 1 or len(gates) != 1:
        return None
    slope = cell.bounds({"h": math.inf}, {gates[0]: math.inf}, {**cell.extras, **cell.options})
    if slope is None or slope.carry:
        return None
    return float(slope.mix["h", gates[0]]) * spectral_norms(gates, layer.weights["U"][0])[gates[0]]


def norm_tables(own: Factors) -> Tensor:
    """Return N_t for all steps, (T, parts, parts)."""
    norms = spectral_norms(own.gates, own.matrices[0])
    table = torch.zeros(own.steps, len(own.parts), len(own.parts), dtype=torch.float64)
    for (new, old), diagonal in own.carry.items():
        table[:, own.parts.index(new), own.parts.index(old)] += diagonal[:, 0].abs().amax(1)
    for (new, gate), diagonal in own.mix.items():
        table[:, own.parts.index(new), 0] += diagonal[:, 0].abs().amax(1) * norms[gate]
    return table


def bound(own: Factors, end: int, lags: int) -> list[float]:
    """Return log₁₀ of the bound of ‖G_{t,k}‖₂ for k = 1 ... ``lags``, t = ``end`` (counted from 1)."""
    tables, out = norm_tables(own), []
    product = Scaled.of(torch.eye(len(own.parts), dtype=torch.float64))
    for lag in range(1, lags + 1):
        product = Scaled(product.mantissa @ tables[end - lag], product.exponent).rescaled()
        size = float(torch.linalg.matrix_norm(product.mantissa, 2))
        out.append(math.log10(size) + float(product.exponent) * LOG10_2 if size > 0 else -math.inf)
    return out
