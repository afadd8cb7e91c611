"""Small networks of every recurrence with a matrix state, for the tests."""

from __future__ import annotations

from torch import Tensor

from tests.cases import normal
from whylstm import matrix_cells
from whylstm.gradients import matrix
from whylstm.matrix_cells.base import MatrixCell, Step

MODELS, SEQUENCES, STEPS, HEADS, KEYS, VALUES, FEATURES = 2, 3, 11, 2, 4, 3, 2


def network(name: str, saturation: float = 1.0, seed: int = 0) -> tuple[MatrixCell, dict[str, Tensor], Tensor]:
    """Return the recurrence, weights whose drives have a deviation of about ``saturation``, and inputs (B, N, T, D)."""
    cell = matrix_cells.load(name)
    size = matrix.sizes(KEYS, VALUES)
    weights = {}
    for drive, kind in cell.drives.items():
        shape = (MODELS, HEADS, size[kind], FEATURES)
        weights[f"W.{drive}"] = saturation * FEATURES**-0.5 * normal(f"{name}.W.{drive}", shape, seed)
        weights[f"b.{drive}"] = saturation * normal(f"{name}.b.{drive}", shape[:-1], seed)
    for extra, kind in cell.extras.items():
        weights[extra] = 0.5 + 0.3 * normal(f"{name}.{extra}", (MODELS, HEADS, size[kind]), seed)
    return cell, weights, normal("inputs", (MODELS, SEQUENCES, STEPS, FEATURES), seed)


def walked(name: str, saturation: float = 1.0, seed: int = 0) -> tuple[MatrixCell, Step, dict[str, Tensor]]:
    """Return the recurrence, what every input of its network does, and the drives."""
    cell, weights, inputs = network(name, saturation, seed)
    drive = matrix.drives(cell, weights, inputs)
    return cell, matrix.steps(cell, weights, drive), drive
