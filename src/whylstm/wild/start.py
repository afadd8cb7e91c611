"""A network as it was before training: the same layers at the defaults that their framework starts from.

torch (``nn.RNNBase.reset_parameters``): every weight and bias from U(-1/√H, 1/√H).
Keras (``layers.LSTM``): input matrices Glorot uniform over all gates together, the recurrent matrices of all gates one
orthogonal block of H columns of (4H, H), biases 0 and the forget bias 1 (Jozefowicz et al. 2015).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from whylstm.cells.base import Cell
from whylstm.gradients.trajectory import Weights
from whylstm.streams import stream
from whylstm.wild.networks.base import Direction, Network, Part, tensor


def drawn(network: Network, part: Part, draws: int, seed: int) -> Part:
    """Return a part as ``draws`` models at their start, read into one (weights of B = ``draws`` models).

    Args:
        network: whose framework says how.
        part: as it was trained; its sizes, inputs and initial states stay.
        draws: how many.
        seed: the study's seed; every layer and draw has a stream of its own.
    """
    levels = []
    for at, level in enumerate(part.levels):
        directions = []
        for direction in level:
            where = f"{network.name}/{part.name}/{at}/{direction.backwards}"
            each = [
                _weights(network.framework, direction, stream(seed, "start", where=where, draw=draw))
                for draw in range(draws)
            ]
            directions.append(
                replace(direction, weights={key: torch.cat([one[key] for one in each]) for key in each[0]})
            )
        levels.append(tuple(directions))
    return replace(part, levels=tuple(levels))


def _weights(framework: str, direction: Direction, draws: np.random.Generator) -> Weights:
    """Return the weights of one model, (1, ...)."""
    like, cell = direction.weights, direction.cell
    return (_torch if framework == "torch" else _keras)(cell, like, draws)


def _torch(cell: Cell, like: Weights, draws: np.random.Generator) -> Weights:
    bound = like["U"].shape[-1] ** -0.5

    def uniform(shape: tuple[int, ...]) -> Tensor:
        return tensor(draws.uniform(-bound, bound, shape))

    found = {key: uniform(tuple(like[key].shape)) for key in ("W", "U", "b")}
    # torch adds two biases to each drive; where a cell of ours has one, it is their sum.
    second = uniform(tuple(like["b"].shape))
    return found | ({"c": second} if cell.recurrent_bias else {"b": found["b"] + second})


def _keras(cell: Cell, like: Weights, draws: np.random.Generator) -> Weights:
    _, gates, hidden, features = like["W"].shape
    bound = (6 / (features + gates * hidden)) ** 0.5
    matrix = np.linalg.qr(draws.standard_normal((gates * hidden, hidden)))
    orthogonal = matrix.Q * np.sign(np.diag(matrix.R))
    bias = np.zeros((1, gates, hidden))
    if cell.carry_gate is not None:
        bias[:, cell.gates.index(cell.carry_gate)] = 1
    return {
        "W": tensor(draws.uniform(-bound, bound, (1, gates, hidden, features))),
        "U": tensor(orthogonal.reshape(1, gates, hidden, hidden).transpose(0, 1, 2, 3)),
        "b": tensor(bias),
    }
