"""RMSprop: v ← α v + (1-α) g², θ ← θ - η g / (√v + ε) (Tieleman & Hinton 2012). As ``torch.optim.RMSprop``."""

from collections.abc import Mapping
from typing import ClassVar

import torch
from torch import Tensor

from whylstm.training.optimisers.base import Optimiser, State


class RMSprop(Optimiser):
    """Each number moves by about η, whatever the size of its gradient."""

    options: ClassVar = {"alpha": 0.99, "epsilon": 1e-8}
    source = "Tieleman & Hinton 2012"

    def start(self, rows: Tensor) -> State:
        """As in the base class."""
        return {"square": torch.zeros_like(rows)}

    def step(
        self, rows: Tensor, gradient: Tensor, state: State, rate: Tensor, update: int, options: Mapping[str, float]
    ) -> None:
        """As in the base class."""
        alpha = options["alpha"]
        square = state["square"].mul_(alpha).addcmul_(gradient, gradient, value=1 - alpha)
        rows.sub_(gradient.mul_(rate).div_(square.sqrt().add_(options["epsilon"])))


OPTIMISER = RMSprop()
