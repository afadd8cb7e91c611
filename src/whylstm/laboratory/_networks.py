"""The networks of the experiments: Gaussian weights driven by noise, with the streams of the study's grid.

So replicate r of an experiment is replicate r of the grid: the same unit weights and the same inputs.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from whylstm import cells, initialisations
from whylstm.cells.base import Cell
from whylstm.gradients.factors import Factors, factors
from whylstm.gradients.trajectory import Trajectory, Weights, run
from whylstm.streams import stream
from whylstm.study.data import sequences


@dataclass(frozen=True)
class Network:
    """One replicate, or B of them: cell and weights, inputs (B, 1, T, D), run and one-step Jacobians."""

    cell: Cell
    weights: Weights
    inputs: Tensor
    trajectory: Trajectory
    factors: Factors


def noise(length: int, replicates: int, seed: int) -> np.ndarray:
    """Return the grid's noise inputs, (R, T, D) float64."""
    return sequences("noise", length, replicates, seed).inputs


def network(
    name: str, hidden: int, inputs: np.ndarray, seed: int, replicate: int, gain: float, forget_bias: float | None
) -> Network:
    """Draw one network and run it over ``inputs`` (T, D); the forget bias is ignored by cells without a carry gate."""
    return _network(cells.load(name), hidden, inputs[None], seed, [replicate], gain, forget_bias)


def networks(name: str, hidden: int, inputs: np.ndarray, seed: int, gain: float, forget_bias: float | None) -> Network:
    """Draw one network for each input sequence of ``inputs`` (R, T, D), as :func:`network` does, all in one (B = R)."""
    return _network(cells.load(name), hidden, inputs, seed, list(range(len(inputs))), gain, forget_bias)


def target(hidden: int, seed: int, replicate: int) -> Tensor:
    """Return what the last output should have been, (H,): an error of squares asks for the parameters' gradient."""
    drawn = stream(seed, "parameter lags", hidden=hidden, replicate=replicate).standard_normal(hidden)
    return torch.from_numpy(drawn)


def _network(
    cell: Cell, hidden: int, inputs: np.ndarray, seed: int, replicates: list[int], gain: float,
    forget_bias: float | None,
) -> Network:  # fmt: skip
    drawn = [
        initialisations.weights(
            cell.initialisation or "gaussian", cell, hidden=hidden, features=inputs.shape[2], seed=seed,
            replicate=replicate, gain=gain, forget_bias=forget_bias, input_scale=1.0,
        )
        for replicate in replicates
    ]  # fmt: skip
    weights = {key: torch.from_numpy(np.stack([np.asarray(one[key]) for one in drawn])) for key in drawn[0]}
    sequences = torch.from_numpy(inputs)[:, None]
    trajectory = run(cell, weights, sequences)
    return Network(cell, weights, sequences, trajectory, factors(cell, weights, trajectory))


def biases(name: str, values: list[float]) -> list[float | None]:
    """Return the forget biases to run a cell at: those given, or none for a cell without a carry gate."""
    return list(values) if cells.load(name).carry_gate is not None else [None]
