"""Pascanu's Ω: its value and its immediate derivative, from dense Jacobians and automatic differentiation."""

import numpy as np
import pytest
import torch

from tests.training import models
from whylstm import cells, tasks
from whylstm.gradients.factors import step_coefficients
from whylstm.streams import stream
from whylstm.training import omega
from whylstm.training.bptt import gradient
from whylstm.training.forward import forward

STEPS, COUNT, HIDDEN = 10, 3, 4
RECURRENT = [name for name in cells.names() if not cells.load(name).diagonal]


def costates_by_autograd(ensemble, batch):
    """∂E/∂s_t for every step, each part (T, 1, N, H), by differentiating the loss with respect to added zeros."""
    cell, weights = ensemble.cell, ensemble.weights
    zeros = {part: torch.zeros(STEPS, 1, COUNT, HIDDEN, requires_grad=True) for part in cell.parts}
    step = iter(range(STEPS))

    class Nudged(type(cell)):
        def update(self, s, r, a, w):
            t = next(step)
            return {part: value + zeros[part][t] for part, value in super().update(s, r, a, w).items()}

    loss = models.autograd_loss(Nudged(), weights, batch)
    return dict(zip(zeros, torch.autograd.grad(loss, list(zeros.values())), strict=True))


def dense_omega(ensemble, batch, matrices):
    """Ω of a single model as a function of U, the states and λ held fixed: J_tᵀ λ_t written out as diagonals and U."""
    cell = ensemble.cell
    trajectory = forward(cell, ensemble.weights, torch.from_numpy(batch.inputs)[None])
    diagonals, costates = step_coefficients(cell, trajectory), costates_by_autograd(ensemble, batch)
    total = 0.0
    for t in range(STEPS):
        for n in range(COUNT):
            vector = {part: costates[part][t, 0, n] for part in cell.parts}
            handed = []
            for old in cell.parts:
                back = sum(
                    (
                        diagonals.carry[new, old][t, 0, n] * vector[new]
                        for new in cell.parts
                        if (new, old) in diagonals.carry
                    ),
                    torch.zeros(HIDDEN),
                )
                if old == cell.parts[0]:
                    for place, gate in enumerate(cell.recurrent_gates):
                        for new in cell.parts:
                            if (new, gate) in diagonals.mix:
                                back = back + matrices[place].T @ (diagonals.mix[new, gate][t, 0, n] * vector[new])
                handed.append(back)
            ratio = torch.cat(handed).norm() / torch.cat(list(vector.values())).norm()
            total = total + (ratio - 1) ** 2
    return total / (STEPS * COUNT)


@pytest.mark.parametrize("name", RECURRENT)
def test_value_and_immediate_derivative(name):
    without = models.ensemble(name, "temporal_order", models.members(1), HIDDEN)
    ensemble = models.ensemble(name, "temporal_order", models.members(1, omega=0.7), HIDDEN)
    sequences = models.sequences("temporal_order", STEPS, COUNT, [0])
    batch = tasks.load("temporal_order").draw(stream(3, "test", replicate=0), COUNT, STEPS)
    matrices = ensemble.weights["U"][0].clone().requires_grad_()
    value = dense_omega(ensemble, batch, matrices)
    (slope,) = torch.autograd.grad(value, [matrices])
    plain, regularised = gradient(without, sequences), gradient(ensemble, sequences)
    np.testing.assert_allclose(regularised.omega[0], value.item(), rtol=1e-10)
    added = ensemble.layout.views(regularised.rows - plain.rows)["U"][0] / 0.7
    # the difference of two gradients of order 1 loses what they share: 1e-16 of their size
    np.testing.assert_allclose(added, slope, rtol=1e-8, atol=1e-12)
    assert np.isnan(plain.omega[0])


def test_only_u_is_moved_and_only_where_a_member_asks():
    settings = [*models.members(1), *models.members(1, omega=2.0)]
    mixed = models.ensemble("lstm", "temporal_order", settings, HIDDEN)
    sequences = models.sequences("temporal_order", STEPS, COUNT, [0, 0])
    found = gradient(mixed, sequences)
    views = mixed.layout.views(found.rows)
    assert torch.equal(views["W"][0], views["W"][1])
    assert torch.equal(views["V"][0], views["V"][1])
    assert not torch.equal(views["U"][0], views["U"][1])
    np.testing.assert_array_equal(np.isnan(found.omega), [True, False])


def test_steps_that_no_gradient_reaches_do_not_count():
    cut = {"h": torch.tensor([1e-11, 1.0])[:, None, None, None]}
    costates = omega.Costates(after=cut, before={"h": cut["h"] / 2}, recurrent=torch.ones(2, 1, 1, 1))
    value, slope = omega.omega(costates, "h")
    np.testing.assert_allclose(value, [0.25])  # the second step alone: (1/2 - 1)²
    np.testing.assert_allclose(slope, [[[2 * (0.5 - 1) / (1.0 * 0.5) * 1.0 * 0.5]]])


def test_a_linear_rotation_has_no_omega():
    ensemble = models.ensemble("linear", "temporal_order", models.members(1, omega=1.0), hidden=2)
    angle = 0.3
    turn = torch.tensor([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    ensemble.weights["U"][0, 0] = turn
    found = gradient(ensemble, models.sequences("temporal_order", STEPS, COUNT, [0]))
    assert found.omega[0] < 1e-28  # (1e-16)², rounding of a ratio that is one
