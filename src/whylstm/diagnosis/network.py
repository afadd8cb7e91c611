"""A user's network: recurrent layers, one over the other, each a cell of ours with weights of its own.

The output h of a layer is the input of the next. The state of the network is that of all layers together,
s = (s¹, ..., s^L); for an LSTM s^l = (h^l, C^l).
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from whylstm.cells.base import Cell
from whylstm.gradients.trajectory import Weights


@dataclass(frozen=True)
class Layer:
    """One layer: a cell and the weights of a single model (B = 1, see :mod:`whylstm.gradients.trajectory`), float64."""

    cell: Cell
    weights: Weights

    @property
    def hidden(self) -> int:
        """H, the number of units."""
        return int(self.weights["W"].shape[2])

    @property
    def features(self) -> int:
        """D, the number of inputs."""
        return int(self.weights["W"].shape[3])

    @property
    def size(self) -> int:
        """S, the number of numbers in its state."""
        return self.hidden * len(self.cell.parts)


@dataclass(frozen=True)
class Network:
    """A user's network.

    Attributes:
        layers: from the one that reads the inputs to the one that gives the output.
        kind: what it is, in words, such as ``LSTM``.
        torch_names: whether its weights have the names of torch.nn, so that advice can name them.
        biased: whether it has biases that could be changed.
        time_first: whether it reads inputs as (T, N, D) by itself; None if it does not say.
        notes: what was assumed or converted when it was read, a sentence each.
    """

    layers: tuple[Layer, ...]
    kind: str
    torch_names: bool = False
    biased: bool = True
    time_first: bool | None = None
    notes: tuple[str, ...] = ()

    @property
    def features(self) -> int:
        """D, the number of inputs of the first layer."""
        return self.layers[0].features

    @property
    def size(self) -> int:
        """S, the number of numbers in the state of all layers."""
        return sum(layer.size for layer in self.layers)

    def noted(self, *notes: str) -> Network:
        """Return the same network with further notes."""
        return dataclasses.replace(self, notes=(*self.notes, *notes))
