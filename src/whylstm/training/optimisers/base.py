"""What every optimiser declares: how rows of trained numbers move, given their gradients.

All operations are elementwise and correctly rounded (+, *, /, √), so a model moves alike in any company.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from torch import Tensor

State = dict[str, Tensor]
"""What an optimiser remembers, by name, each (B, P)."""


class Optimiser:
    """One optimiser. Subclasses are final: a variant is another file.

    Class attributes:
        options: its constants with their defaults, those of ``torch.optim``.
        source: the paper that it comes from.
    """

    options: ClassVar[Mapping[str, float]] = {}
    source: ClassVar[str] = ""

    @property
    def name(self) -> str:
        """The name of the file that defines the optimiser."""
        return type(self).__module__.rpartition(".")[2]

    def start(self, rows: Tensor) -> State:
        """Return what it remembers before the first update."""
        return {}

    def step(
        self, rows: Tensor, gradient: Tensor, state: State, rate: Tensor, update: int, options: Mapping[str, float]
    ) -> None:
        """Move the rows and change the state, in place.

        Args:
            rows: (B, P), the trained numbers.
            gradient: (B, P); may be overwritten.
            state: what it remembers.
            rate: (B, 1), the learning rates.
            update: the number of this update, from 1.
            options: its constants, all of them.
        """
        raise NotImplementedError
