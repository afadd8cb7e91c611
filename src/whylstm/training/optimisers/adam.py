"""Adam (Kingma & Ba 2015, algorithm 1), with ε outside the root. As ``torch.optim.Adam``.

m ← β₁ m + (1-β₁) g,  v ← β₂ v + (1-β₂) g²
θ ← θ - η/(1-β₁ᵗ) · m / (√v/√(1-β₂ᵗ) + ε)          t counts updates from 1
"""

from collections.abc import Mapping
from typing import ClassVar

import torch
from torch import Tensor

from whylstm.training.optimisers.base import Optimiser, State


class Adam(Optimiser):
    """Momentum and RMSprop together, corrected for their start at zero."""

    options: ClassVar = {"beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-8}
    source = "Kingma & Ba 2015"

    def start(self, rows: Tensor) -> State:
        """As in the base class."""
        return {"mean": torch.zeros_like(rows), "square": torch.zeros_like(rows)}

    def step(
        self, rows: Tensor, gradient: Tensor, state: State, rate: Tensor, update: int, options: Mapping[str, float]
    ) -> None:
        """As in the base class."""
        beta_1, beta_2 = options["beta_1"], options["beta_2"]
        mean = state["mean"].mul_(beta_1).add_(gradient, alpha=1 - beta_1)
        square = state["square"].mul_(beta_2).addcmul_(gradient, gradient, value=1 - beta_2)
        size = square.sqrt().div_((1 - beta_2**update) ** 0.5).add_(options["epsilon"])
        rows.sub_(mean.mul(rate / (1 - beta_1**update)).div_(size))


OPTIMISER = Adam()
