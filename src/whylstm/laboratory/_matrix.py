"""Networks of recurrences with a matrix state for the experiments: weights that they start from."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from whylstm.gradients.matrix import sizes
from whylstm.initialisations.base import Draws
from whylstm.matrix_cells.base import MatrixCell


def start(
    cell: MatrixCell, heads: int, keys: int, values: int, features: int, seed: int, replicate: int,
    forget_bias: float = 0.0,
) -> dict[str, Tensor]:  # fmt: skip
    """Return the weights of one network, float64: W ~ N(0, 1/D), no biases but b_f, extras as the paper has them.

    Args:
        cell: the recurrence.
        heads: M.
        keys: K of a head.
        values: V of a head.
        features: D, the inputs of a step.
        seed: the study's seed.
        replicate: which of the independent draws.
        forget_bias: the bias of the drive that keeps more.

    Returns:
        ``W.name`` (M, size, D), ``b.name`` (M, size), and the extras (M, size).
    """
    size, draws = sizes(keys, values), Draws(seed, heads * keys, replicate)
    weights: dict[str, np.ndarray] = {}
    for name, kind in cell.drives.items():
        shape = (heads, size[kind], features)
        weights[f"W.{name}"] = draws.normal(f"matrix.W.{name}", shape) / np.sqrt(features)
        weights[f"b.{name}"] = np.full(shape[:-1], forget_bias if name == cell.carry_drive else 0.0)
    shapes = {name: (heads, size[kind]) for name, kind in cell.extras.items()}
    weights |= cell.initial_extras(shapes, draws)
    return {name: torch.from_numpy(value) for name, value in weights.items()}


def stacked(networks: list[dict[str, Tensor]]) -> dict[str, Tensor]:
    """Return the weights of B networks, each tensor with a first axis B."""
    return {name: torch.stack([one[name] for one in networks]) for name in networks[0]}
