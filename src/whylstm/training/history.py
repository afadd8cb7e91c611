"""What is written down while models train: one row per model and interval of updates, from numbers kept per update."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from whylstm.training.ensemble import Member

Row = dict[str, Any]
"""One row of a table: plain strings and numbers by column."""

KEPT = ("loss", "norm", "omega")


@dataclass
class Interval:
    """The updates since the last row, for the B models that are still in training.

    Attributes:
        values: name → (B, updates so far) float64, for the loss, the gradient's norm before clipping, and Ω.
    """

    values: dict[str, np.ndarray] = field(default_factory=dict)

    @staticmethod
    def empty(models: int) -> Interval:
        """Return an interval without updates."""
        return Interval({name: np.empty((models, 0)) for name in KEPT})

    def add(self, **columns: np.ndarray) -> None:
        """Add one update: a column (B,) for each name."""
        self.values = {name: np.column_stack([old, columns[name]]) for name, old in self.values.items()}

    def take(self, places: list[int]) -> Interval:
        """Return the interval of some of the models."""
        return Interval({name: value[places] for name, value in self.values.items()})

    def rows(self, members: tuple[Member, ...], update: int) -> list[Row]:
        """Return one row per model for the interval that ends with ``update``; none if it has no updates.

        Columns: ``model``, ``update``, ``updates`` (in the interval), ``loss`` (mean), ``norm_median``, ``norm_90``,
        ``norm_max`` (of the gradient before clipping), ``clipped`` (share of updates whose norm was above the
        threshold), ``omega`` (mean; NaN without).
        """
        if self.values["loss"].shape[1] == 0:
            return []
        return [
            _row(member, update, {n: v[place] for n, v in self.values.items()}) for place, member in enumerate(members)
        ]


def _row(member: Member, update: int, values: dict[str, np.ndarray]) -> Row:
    norm = values["norm"]
    middle, high, top = np.quantile(norm, [0.5, 0.9, 1.0])
    threshold = np.inf if member.clip_norm is None else member.clip_norm
    return {
        "model": member.name,
        "update": update,
        "updates": len(norm),
        "loss": float(values["loss"].mean()),
        "norm_median": float(middle),
        "norm_90": float(high),
        "norm_max": float(top),
        "clipped": float((norm > threshold).mean()),
        "omega": float(values["omega"].mean()),
    }
