"""Matrix products, model by model: a model's digits never depend on which models stand beside it.

numpy's ``matmul`` calls the same BLAS routine with the same sizes once per matrix. A batched product may choose another
kernel for another number of matrices, and then trained weights would depend on how models were chunked.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor


def product(left: Tensor, right: Tensor) -> Tensor:
    """Return left @ right for stacks of matrices (..., M, K) and (..., K, N) on the CPU; leading axes broadcast."""
    with np.errstate(over="ignore", invalid="ignore"):  # a model that diverges is found by its gradient's norm
        return torch.from_numpy(np.matmul(left.numpy(), right.numpy()))


def squared_norms(rows: Tensor) -> np.ndarray:
    """Return Σ x² of each row of (B, P), (B,) in float64, row by row; no overflow where x² leaves float32."""
    return np.array([np.dot(row, row) for row in (row.double().numpy() for row in rows)])
