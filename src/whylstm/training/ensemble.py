"""B models of one shape that are trained together, each with its own weights and settings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from whylstm.cells.base import Cell, Reader
from whylstm.training.parameters import Layout


@dataclass(frozen=True)
class Member:
    """What one model is trained with.

    Attributes:
        name: its id, unique within the ensemble.
        replicate: which of the paired repetitions: members of equal replicate see the same sequences.
        rate: learning rate.
        clip_norm: threshold for the norm of the whole gradient, or None (Pascanu et al. 2013).
        clip_value: threshold for each number of the gradient, or None (Mikolov 2012).
        omega: weight of Pascanu's regulariser Ω; 0 leaves it out.
        detach: probability that a step's h-edges are cut in the backward pass: 0 full gradient, between 0 and 1
            h-detach (Kanuparthi et al. 2019), 1 truncated gradient (Hochreiter & Schmidhuber 1997).
    """

    name: str
    replicate: int
    rate: float
    clip_norm: float | None = None
    clip_value: float | None = None
    omega: float = 0.0
    detach: float = 0.0


@dataclass
class Ensemble:
    """B models of one kind and one size.

    Attributes:
        reader: what reads the sequences.
        layout: where each tensor stands in a row.
        rows: (B, P), the trained numbers; changed in place by the optimiser.
        options: the cell's own constants, (B, 1) each; not trained.
        members: the B settings.
    """

    reader: Reader
    layout: Layout
    rows: Tensor
    options: dict[str, Tensor]
    members: tuple[Member, ...]

    @staticmethod
    def of(
        reader: Reader, models: Sequence[Mapping[str, np.ndarray]], members: Sequence[Member], dtype: torch.dtype
    ) -> Ensemble:
        """Return the ensemble of models given as named arrays: an initialisation's, with a readout V (K, H), v (K,)."""
        (_, hidden, features), (outputs, _) = models[0]["W"].shape, models[0]["V"].shape
        layout = Layout.of(reader, hidden, features, outputs)
        options = {
            name: torch.tensor(np.stack([model[name] for model in models]), dtype=dtype) for name in reader.options
        }
        return Ensemble(reader, layout, layout.rows(list(models), dtype), options, tuple(members))

    @property
    def cell(self) -> Cell:
        """The reader, where it is a recurrent cell: the engine's other half never asks."""
        if not isinstance(self.reader, Cell):
            raise TypeError(f"{self.reader.name} is no recurrent cell")
        return self.reader

    @property
    def size(self) -> int:
        """B, the number of models."""
        return len(self.members)

    @property
    def hidden(self) -> int:
        """H, the number of hidden units."""
        return self.layout.shapes["W"][1]

    @property
    def weights(self) -> dict[str, Tensor]:
        """All tensors by name, (B, ...): views of the trained ones, and the options."""
        views = self.layout.views(self.rows)
        if "U" not in views:
            views["U"] = self.rows.new_zeros(self.size, 0, self.hidden, self.hidden)
        return views | self.options

    def take(self, places: Sequence[int]) -> Ensemble:
        """Return the ensemble of some of the models, with copies of their weights."""
        index = torch.tensor(list(places), dtype=torch.long)
        options = {name: value[index] for name, value in self.options.items()}
        return Ensemble(self.reader, self.layout, self.rows[index], options, tuple(self.members[i] for i in places))

    def setting(self, name: str) -> np.ndarray:
        """Return one field of every member, (B,) float64; None becomes infinity, which no threshold reaches."""
        values = [getattr(member, name) for member in self.members]
        return np.array([np.inf if value is None else value for value in values], dtype=np.float64)
