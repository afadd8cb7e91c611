"""What the eigenvalues of a step allow a recurrence to compute: constructions that succeed, theorems that must hold.

On a constant input A is constant and the differences of states are powers: S_{t+1} - S_t = Aᵗ S_1. Parity of all ones
asks for a state that comes back after two steps and not after one, a sum modulo three of all ones for three.
"""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor

from tests.matrix_cells.networks import FEATURES, KEYS, network
from whylstm import matrix_cells, tasks
from whylstm.gradients import matrix
from whylstm.streams import stream

NEVER_NEGATIVE = [name for name in matrix_cells.names() if matrix_cells.load(name).eigenvalues[0] >= 0]
STEPS = 60


def constant(name: str, seed: int) -> Tensor:
    """Return the states of a random network on a constant input, (T + 1, B, N, M, K, C)."""
    cell, weights, inputs = network(name, saturation=2.0, seed=seed)
    same = inputs[:, :, :1].expand(-1, -1, STEPS, FEATURES)
    return matrix.states(matrix.steps(cell, weights, matrix.drives(cell, weights, same)))


@pytest.mark.parametrize("length", [3, 40, 256])
def test_one_reflection_tells_parity_at_every_length(length):
    """One key, one value: a zero leaves S alone (β = 0), a one takes S to 2 - S (β = 1), from 0 to 2 and back."""
    cell = matrix_cells.load("deltanet_signed")
    weights = {f"W.{drive}": torch.zeros(1, 1, 1, 1) for drive in cell.drives}
    weights |= {f"b.{drive}": torch.ones(1, 1, 1) for drive in cell.drives}
    weights |= {"W.b": torch.full((1, 1, 1, 1), 60.0), "b.b": torch.zeros(1, 1, 1)}
    task = tasks.load("parity_lengths")
    batch = task.draw(stream(5, "tests of reflections"), 50, length, "test")
    odd = matrix.run(cell, weights, torch.from_numpy(batch.inputs)[None])[0, :, :, 0, 0].numpy() - 1
    assert task.score(batch.at_answers(np.stack([-odd, odd], -1)), batch)["error"] == 0


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("name", NEVER_NEGATIVE)
def test_without_negative_eigenvalues_no_state_alternates(name, seed):
    """Grazzi et al. 2025, theorem 1. A difference is Σ c λᵗ with λ ≥ 0: by Descartes at most K - 1 changes of sign.

    So no readout of the state is above a threshold at every other step of a longer run of ones.
    """
    differences = constant(name, seed).diff(dim=0)
    # What has fallen to rounding, some 1e-13 of the state, has no sign.
    seen = differences.abs() > 1e-10 * differences.abs().amax(0)
    changes = (differences.sign().diff(dim=0).abs() == 2) & seen[1:] & seen[:-1]
    assert changes.sum(0).max() <= KEYS - 1


def test_with_negative_eigenvalues_states_alternate():
    """The same count where it may fail: most entries of a signed delta rule change their sign at every step."""
    differences = constant("deltanet_signed", 0).diff(dim=0)
    changes = (differences.sign().diff(dim=0).abs() == 2).sum(0)
    assert changes.max() == STEPS - 1


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("name", [name for name in matrix_cells.names() if matrix_cells.load(name).norm == 1])
def test_with_real_eigenvalues_no_state_comes_back_after_three_steps(name, seed):
    """... unless it stands still: S_{t+3} - S_t = (I + A + A²)(S_{t+1} - S_t), and 1 + λ + λ² ≥ 3/4 for real λ.

    These A are symmetric, so that norms obey what eigenvalues do. A turn by 120° has 1 + λ + λ² = 0.
    """
    states = constant(name, seed)
    one = torch.linalg.matrix_norm(states[1:-2] - states[:-3])
    three = torch.linalg.matrix_norm(states[3:] - states[:-3])
    size = torch.linalg.matrix_norm(states).amax(0)
    assert (three >= 0.75 * one - 1e-13 * size).all()
    assert ((one > 1e-6 * size).sum(0) > 2).any()  # some states move
