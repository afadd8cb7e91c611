"""The state of a training run: what must be kept so that it can go on as if it had never stopped."""

from __future__ import annotations

from dataclasses import dataclass, field

import torch
from torch import Tensor

from whylstm.training.ensemble import Ensemble
from whylstm.training.history import Interval, Row
from whylstm.training.optimisers.base import State


@dataclass
class Run:
    """Everything that changes in the course of a run.

    Attributes:
        ensemble: the models that are still in training.
        optimiser: what the optimiser remembers of them.
        interval: their updates since the last history row.
        update: updates done.
        history: rows by interval (:mod:`whylstm.training.history`).
        examinations: one row per model and examination: ``model``, ``update``, ``sequences``, ``success``, metrics.
        probes: rows that the probe returned, with ``model`` and ``update``.
        outcomes: one row per model that has ended (:mod:`whylstm.training.loop`).
        final: the trained row (P,) of each model that has ended, by name.
    """

    ensemble: Ensemble
    optimiser: State
    interval: Interval
    update: int = 0
    history: list[Row] = field(default_factory=list)
    examinations: list[Row] = field(default_factory=list)
    probes: list[Row] = field(default_factory=list)
    outcomes: list[Row] = field(default_factory=list)
    final: dict[str, Tensor] = field(default_factory=dict)

    def end(self, reasons: dict[int, Row]) -> None:
        """Take models out of training, by place, each with what is written of its end beside ``model``."""
        if not reasons:
            return
        members = self.ensemble.members
        for place, reason in reasons.items():
            self.outcomes.append({"model": members[place].name, **reason})
            self.final[members[place].name] = self.ensemble.rows[place].clone()
        leaving = sorted(reasons)
        self.history += self.interval.take(leaving).rows(tuple(members[place] for place in leaving), self.update)
        self._keep([place for place in range(len(members)) if place not in reasons])

    def _keep(self, places: list[int]) -> None:
        index = torch.tensor(places, dtype=torch.long)
        self.ensemble = self.ensemble.take(places)
        self.optimiser = {name: value[index] for name, value in self.optimiser.items()}
        self.interval = self.interval.take(places)
