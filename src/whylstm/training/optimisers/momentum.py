"""Heavy-ball momentum: m ← μ m + g, θ ← θ - η m (Polyak 1964). As ``torch.optim.SGD(momentum=μ)``, m starts as g."""

from collections.abc import Mapping
from typing import ClassVar

import torch
from torch import Tensor

from whylstm.training.optimisers.base import Optimiser, State


class Momentum(Optimiser):
    """A running sum of gradients."""

    options: ClassVar = {"momentum": 0.9}
    source = "Polyak 1964"

    def start(self, rows: Tensor) -> State:
        """As in the base class."""
        return {"velocity": torch.zeros_like(rows)}

    def step(
        self, rows: Tensor, gradient: Tensor, state: State, rate: Tensor, update: int, options: Mapping[str, float]
    ) -> None:
        """As in the base class."""
        velocity = state["velocity"].mul_(options["momentum"]).add_(gradient)
        rows.sub_(velocity * rate)


OPTIMISER = Momentum()
