"""Clipping: a bound on each number of the gradient, or on the norm of the whole gradient, model by model.

By norm (Pascanu et al. 2013, algorithm 1): g is scaled by threshold / ‖g‖ where ‖g‖ is larger. As in
``torch.nn.utils.clip_grad_norm_``, which divides by ‖g‖ + 1e-6 and never enlarges.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from whylstm.training.ensemble import Ensemble
from whylstm.training.products import squared_norms

SOFTENER = 1e-6


def norms(rows: Tensor) -> np.ndarray:
    """Return the Euclidean norm of each row of (B, P), (B,) float64; NaN or infinity where a number is."""
    return np.sqrt(squared_norms(rows))


def clip(ensemble: Ensemble, rows: Tensor, size: np.ndarray) -> None:
    """Clip the gradients (B, P) in place, by value and then by norm, each by its member's thresholds.

    Args:
        ensemble: whose members' thresholds hold.
        rows: the gradients.
        size: their norms before clipping, (B,).
    """
    bound = ensemble.setting("clip_value")
    if np.isfinite(bound).any():
        limit = torch.from_numpy(bound).to(rows.dtype)[:, None]
        rows.clamp_(min=-limit, max=limit)
        size = np.where(np.isfinite(bound), norms(rows), size)
    factor = np.minimum(ensemble.setting("clip_norm") / (size + SOFTENER), 1.0)
    if (factor < 1).any():
        rows.mul_(torch.from_numpy(factor).to(rows.dtype)[:, None])
