"""Where training sequences come from: streams keyed by what they are for, never by the arm that reads them.

The key is (seed, task, length, sequences per update, replicate, block of updates). Members of equal replicate see the
same sequences at the same update, whatever their cell, optimiser or arm; and a run that is resumed, chunked or
shortened sees what the unbroken one saw. A block of several updates is drawn at once, which is faster; its size follows
from the sequences' size alone.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor

from whylstm.streams import stream
from whylstm.tasks.base import Task
from whylstm.training.ensemble import Member
from whylstm.training.sequences import Sequences

LARGEST_BLOCK, BLOCK_NUMBERS = 64, 1 << 17
"""A block holds at most so many updates, and about so many input numbers per replicate (1 MB in float64)."""


@dataclass
class Supply:
    """The sequences of every update.

    Attributes:
        seed: the study's seed.
        task: the task.
        lengths: the shortest and the longest length that is trained on, both included; equal for a fixed length.
        count: N, sequences per update.
        dtype: of the inputs.
    """

    seed: int
    task: Task
    lengths: tuple[int, int]
    count: int
    dtype: torch.dtype
    _held: dict[tuple[int, int, int], tuple[Tensor, Tensor, np.ndarray]] = field(default_factory=dict, repr=False)

    def length(self, update: int) -> int:
        """Return the length at an update (from 1): the same for all models, uniform if there is a choice."""
        low, high = self.lengths
        if low == high:
            return low
        rng = stream(self.seed, "training length", task=self.task.name, low=low, high=high, update=update)
        return int(rng.integers(low, high + 1))

    def at(self, update: int, members: tuple[Member, ...]) -> Sequences:
        """Return what the members read at an update (from 1)."""
        length = self.length(update)
        size = self._block(length)
        block, place = divmod(update - 1, size)
        replicates = sorted({member.replicate for member in members})
        wanted = [(length, block, replicate) for replicate in replicates]
        self._held = {key: self._held.get(key) or self._draw(key, size) for key in wanted}
        cut = slice(place * self.count, (place + 1) * self.count)
        inputs, targets, when = zip(*(tuple(part[cut] for part in self._held[key]) for key in wanted), strict=True)
        reader = np.array([replicates.index(member.replicate) for member in members], dtype=np.int64)
        return Sequences(torch.stack(inputs), torch.stack(targets), np.stack(when), reader)

    def _block(self, length: int) -> int:
        """Return how many updates are drawn at once; one where the length changes from update to update."""
        if self.lengths[0] != self.lengths[1]:
            return 1
        numbers = self.count * self.task.steps(length) * self.task.features
        return max(1, min(LARGEST_BLOCK, BLOCK_NUMBERS // numbers))

    def _draw(self, key: tuple[int, int, int], size: int) -> tuple[Tensor, Tensor, np.ndarray]:
        length, block, replicate = key
        sizes = {"length": length, "count": self.count, "replicate": replicate, "block": block}
        rng = stream(self.seed, "training", task=self.task.name, **sizes)
        batch = self.task.draw(rng, size * self.count, length)
        drawn = Sequences.of([batch], [0], self.dtype)
        return drawn.inputs[0], drawn.targets[0], drawn.when[0]
