"""Pascanu's regulariser: every step should hand back a gradient as large as the one it got (Pascanu et al. 2013, 3.3).

    Ω = mean over sequences and steps of (ρ_t - 1)²,     ρ_t = ‖J_tᵀ λ_t‖ / ‖λ_t‖,  λ_t = ∂E/∂s_t

Its gradient is the paper's: the *immediate* partial derivative with respect to U, the states and λ held fixed. Only the
h part of J_tᵀ λ_t = carry + Σ_g U_gᵀ δ_g depends on U, so

    ∂⁺Ω/∂U_g = mean of 2 (ρ_t - 1) / (‖λ_t‖ ‖J_tᵀ λ_t‖) · δ_g (J_tᵀ λ_t)_hᵀ

What is the paper's and what is not. The paper writes a sum over steps with weight 4 for temporal order. Its released
code takes the mean over sequences and over those steps where ‖λ_t‖² is at least 1e-20, of (ρ_t² - 1)² with norms that
are squared but not rooted, with weight 2. Here: the mean, as in the code, because a sum would weigh Ω by the length;
the unsquared ratio, as in the paper; and the weight is a setting. For ρ near 1, (ρ² - 1)² is four times (ρ - 1)², so
that the code's weight 2 acts like 8 here. λ_t is the gradient of the whole state, for an LSTM that of (h, C).
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from whylstm.training.backward import Costates
from whylstm.training.products import product

SMALLEST = 1e-20
"""Steps with a smaller ‖λ_t‖² are left out: nothing of the gradient got there."""


def omega(costates: Costates, output: str) -> tuple[np.ndarray, Tensor]:
    """Return Ω of each model, (B,) float64, and ∂⁺Ω/∂U, (B, R·H, H).

    Args:
        costates: of the full backward pass, no h-edge cut; the sequences not padded.
        output: the part that recurrent matrices read.
    """
    squared, handed = _squared_norm(costates.after), _squared_norm(costates.before)
    counts = squared >= SMALLEST
    number = counts.sum(dim=(0, 2)).clamp(min=1)
    ratio = torch.where(counts, (handed / squared).sqrt(), 1.0)
    value = torch.stack([((ratio[:, model] - 1) ** 2).sum() for model in range(len(number))]) / number
    size = (squared * handed).sqrt()
    factor = torch.where(counts & (size > 0), 2 * (ratio - 1) / size, 0.0) / number[:, None]
    rows = (costates.recurrent * factor[..., None]).to(costates.recurrent.dtype)
    return value.numpy(), product(by_model(rows).transpose(1, 2), by_model(costates.before[output]))


def by_model(values: Tensor) -> Tensor:
    """Return values (T, B, N, X) as (B, T·N, X)."""
    return values.transpose(0, 1).flatten(1, 2).contiguous()


def _squared_norm(parts: dict[str, Tensor]) -> Tensor:
    """Return ‖·‖² over all parts of the state, (T, B, N) in float64."""
    return torch.stack([value.double().square().sum(-1) for value in parts.values()]).sum(0)
