"""Stochastic gradient descent: θ ← θ - η g (Robbins & Monro 1951). As ``torch.optim.SGD``."""

from collections.abc import Mapping

from torch import Tensor

from whylstm.training.optimisers.base import Optimiser, State


class SGD(Optimiser):
    """The gradient alone; remembers nothing."""

    source = "Robbins & Monro 1951"

    def step(
        self, rows: Tensor, gradient: Tensor, state: State, rate: Tensor, update: int, options: Mapping[str, float]
    ) -> None:
        """As in the base class."""
        rows.sub_(gradient.mul_(rate))


OPTIMISER = SGD()
