"""Layers of Keras: kernels (D, 4H) and (H, 4H), gates in the order of torch; and the LSTM of its early versions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from whylstm.cells.base import Cell
from whylstm.cells.lstm import CELL as LSTM
from whylstm.cells.lstm import LSTM as Plain
from whylstm.wild.networks.base import Direction, tensor, weights


class HardLSTM(Plain):
    """The LSTM that Keras had until 2.3: its gates are a straight line between 0 and 1, σ(x) = 0.2 x + 0.5."""

    def activations(self, s, r, a, w):
        gates = {name: ((r[name] + a[name]) * 0.2 + 0.5).clamp(0.0, 1.0) for name in ("i", "f", "o")}
        return {**gates, "g": (r["g"] + a["g"]).tanh()}

    def coefficients(self, s, r, a, w):
        return None  # differentiated: the slopes of its gates are those of the line


HARD = HardLSTM()


def layer(tensors: Mapping[str, Any], path: str, cell: Cell = LSTM, *, backwards: bool = False) -> Direction:
    """Return the layer whose tensors are ``path/kernel:0``, ``path/recurrent_kernel:0`` and ``path/bias:0``."""
    kernel, recurrent, bias = (tensor(tensors[f"{path}/{name}:0"]) for name in ("kernel", "recurrent_kernel", "bias"))
    if bias.numel() == 2 * kernel.shape[1]:  # written by a layer that ran on cuDNN
        kernel = torch.cat([_stored_by_rows(one) for one in kernel.chunk(4, 1)], 1)
        recurrent = torch.cat([one.T for one in recurrent.chunk(4, 1)], 1)
        bias = bias.unflatten(0, (2, -1)).sum(0)
    return Direction(cell, weights(cell, kernel.T, recurrent.T, bias, torch.zeros_like(bias)), backwards)


def _stored_by_rows(kernel: Tensor) -> Tensor:
    """Return the kernel (D, H) of one gate from the order of its numbers in cuDNN, where it is (H, D) by rows."""
    return kernel.reshape(kernel.shape[1], kernel.shape[0]).T
