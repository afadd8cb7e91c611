"""The sequences of one update or evaluation, as tensors: Q batches of N sequences, shared by the models that read them.

Arms of an experiment that have the same replicate read the very same batch, so it is held once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from whylstm.tasks.base import Batch


@dataclass(frozen=True)
class Sequences:
    """Q batches and who reads them.

    Attributes:
        inputs: (Q, N, T, D).
        targets: (Q, N, A) int64 classes or (Q, N, A, K) values, for A answers a sequence.
        when: (Q, N, A) int64, the step (from 0) at which each answer is due.
        reader: (B,) int64, the batch that each model reads.
    """

    inputs: Tensor
    targets: Tensor
    when: np.ndarray
    reader: np.ndarray

    @staticmethod
    def of(batches: Sequence[Batch], reader: Sequence[int], dtype: torch.dtype) -> Sequences:
        """Return the batches as tensors; they have the same N, T and number of answers."""
        inputs = torch.from_numpy(np.stack([batch.inputs for batch in batches])).to(dtype)
        targets = torch.from_numpy(np.stack([batch.targets for batch in batches]))
        when = np.stack([answer_steps(batch) for batch in batches])
        regression = targets.is_floating_point()
        return Sequences(inputs, targets.to(dtype) if regression else targets, when, np.asarray(reader, np.int64))

    @property
    def count(self) -> int:
        """N, the number of sequences of each model."""
        return self.inputs.shape[1]

    @property
    def steps(self) -> int:
        """T, the number of steps."""
        return self.inputs.shape[2]

    @property
    def answer_steps(self) -> np.ndarray:
        """The steps at which any answer is due, ascending (S,)."""
        return np.unique(self.when)

    def read(self) -> Tensor:
        """Return the inputs of each model, (B, N, T, D)."""
        return self.inputs[torch.from_numpy(self.reader)]


def answer_steps(batch: Batch) -> np.ndarray:
    """Return the steps of a batch's answers, (N, A), in order of time."""
    count = len(batch.inputs)
    if batch.where.ndim == 1:
        return np.tile(np.flatnonzero(batch.where), (count, 1))
    return np.nonzero(batch.where)[1].reshape(count, -1)
