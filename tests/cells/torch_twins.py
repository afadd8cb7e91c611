"""Torch's own recurrent layers with the weights of our cells: a foreign reference for states and gradients.

Torch stacks gates in an order of its own, and keeps a bias with each of the two products. The order is named here by
our letters and looked up, never counted: an LSTM's rows are i, f, g, o; a GRU's are r (our q), z, n.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from whylstm.cells.base import Cell
from whylstm.gradients.trajectory import Weights

ORDER = {"lstm": ("i", "f", "g", "o"), "gru": ("q", "z", "n"), "tanh": ("h",), "relu": ("h",), "orthogonal": ("h",)}
"""Our letters for the gates, in the order of torch's rows; these cells have a twin."""

LAYER = {"lstm": nn.LSTM, "gru": nn.GRU}


def twin(cell: Cell, weights: Weights) -> nn.RNNBase:
    """Return the layer of torch with the weights of a single model (B = 1), batch first, in the same dtype."""
    _, _, hidden, features = weights["W"].shape
    slope = {"nonlinearity": "relu" if cell.name == "relu" else "tanh"} if cell.name not in LAYER else {}
    kind = LAYER.get(cell.name, nn.RNN)
    layer = kind(features, hidden, batch_first=True, dtype=weights["W"].dtype, **slope)
    with torch.no_grad():
        layer.weight_ih_l0.copy_(stacked(cell, weights["W"][0], cell.gates))
        layer.weight_hh_l0.copy_(stacked(cell, weights["U"][0], cell.recurrent_gates))
        layer.bias_ih_l0.copy_(stacked(cell, weights["b"][0], cell.gates))
        layer.bias_hh_l0.zero_()
        if cell.recurrent_bias:
            layer.bias_hh_l0.copy_(stacked(cell, weights["c"][0], cell.recurrent_gates))
    return layer


def stacked(cell: Cell, rows: Tensor, gates: tuple[str, ...]) -> Tensor:
    """Return rows by gate, (G, H, ...), as torch stacks them, (G·H, ...)."""
    return torch.cat([rows[gates.index(letter)] for letter in ORDER[cell.name]])


def start(state: dict[str, Tensor]) -> Tensor | tuple[Tensor, ...]:
    """Return a state by parts, each (1, N, H), as torch takes it: h alone, or (h, c)."""
    return tuple(state[part] for part in ("h", "c")) if "c" in state else state["h"]
