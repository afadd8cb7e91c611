"""How the trained numbers of one model lie in one row, so that an optimiser, a norm or a file handles a single array.

A row holds, each tensor from a multiple of ``BLOCK`` numbers on and zeros between them:

    U (R, H, H), W (G, H, D), b (G, H), c (R, H) if the cell has recurrent biases, the cell's extras (H,),
    V (K, H) and v (K,), the readout y = V h + v.

Zeros stay zero: their gradient is zero, and no optimiser moves a number that never had a gradient. Whole blocks make a
model's digits the same in any company: torch's loops give other last digits in the scalar remainder of an array than in
their vectorised body (``sigmoid``; sums with a fused multiply-add), and so no model may lie in a remainder.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from whylstm.cells.base import Reader

BLOCK = 32
"""Numbers that torch's vectorised loops take at a time: two AVX-512 registers of float32."""


@dataclass(frozen=True)
class Layout:
    """Where each trained tensor stands in a row.

    Attributes:
        shapes: name → shape of one model's tensor, in the order of the row.
        starts: name → first place in the row.
        size: P, the length of a row.
    """

    shapes: Mapping[str, tuple[int, ...]]
    starts: Mapping[str, int]
    size: int

    @staticmethod
    def of(cell: Reader, hidden: int, features: int, outputs: int) -> Layout:
        """Return the layout of a cell with H hidden units, D inputs and a readout of K numbers."""
        shapes = tensor_shapes(cell, hidden, features, outputs)
        starts, end = {}, 0
        for name, shape in shapes.items():
            starts[name] = end
            end += -(-math.prod(shape) // BLOCK) * BLOCK
        return Layout(shapes, starts, end)

    def views(self, rows: Tensor) -> dict[str, Tensor]:
        """Return the named tensors, each (B, *shape), as views into rows (B, P)."""
        ends = {name: start + math.prod(self.shapes[name]) for name, start in self.starts.items()}
        return {
            name: rows[:, start : ends[name]].unflatten(1, self.shapes[name]) for name, start in self.starts.items()
        }

    def rows(self, models: list[Mapping[str, np.ndarray]], dtype: torch.dtype) -> Tensor:
        """Return the rows (B, P) of models given as named arrays; names that are not trained are passed over."""
        rows = torch.zeros(len(models), self.size, dtype=dtype)
        for name, view in self.views(rows).items():
            view.copy_(torch.stack([torch.from_numpy(np.ascontiguousarray(model[name])) for model in models]))
        return rows


def tensor_shapes(cell: Reader, hidden: int, features: int, outputs: int) -> dict[str, tuple[int, ...]]:
    """Return the shape of each trained tensor of one model."""
    gates, recurrent = len(cell.gates), len(cell.recurrent_gates)
    shapes: dict[str, tuple[int, ...]] = {"U": (recurrent, hidden, hidden)} if recurrent else {}
    shapes |= {"W": (gates, hidden, features), "b": (gates, hidden)}
    if cell.recurrent_bias:
        shapes["c"] = (recurrent, hidden)
    return shapes | dict.fromkeys(cell.extras, (hidden,)) | {"V": (outputs, hidden), "v": (outputs,)}
