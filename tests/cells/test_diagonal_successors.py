"""The recurrences after 2018 without a recurrent matrix, against their papers' equations written another way.

States and gradients come from closed forms, from the equations before they were solved for the new state, and from
torch's GRU with diagonal matrices. Both sides are the same real numbers with roundings of their own over 12 steps.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from tests.cases import Case, normal, one_model, random_weights
from tests.cells.declarations import Uniform
from whylstm import cells
from whylstm.gradients.trajectory import Weights, run

CLOSE = {"rtol": 1e-9, "atol": 1e-11}
HIDDEN, STEPS, SEQUENCES, FEATURES = 5, 12, 3, 2


def drives(weights: Weights, inputs: Tensor) -> dict[int, Tensor]:
    """Return W x + b of each gate by number, (T, N, H)."""
    stacked = torch.einsum("ghd,ntd->gtnh", weights["W"][0], inputs[0]) + weights["b"][0][:, None, None]
    return dict(enumerate(stacked))


def hawk(weights: Weights, inputs: Tensor) -> Tensor:
    """RG-LRU in closed form: every input, times what all later steps keep of it; a = c^(8r) with c = σ(-Λ)."""
    k, i, v = drives(weights, inputs).values()
    kept = torch.sigmoid(-weights["decay"][0]) ** (8 * (1 - torch.sigmoid(k)))
    entering = torch.sqrt(1 - kept**2) * torch.sigmoid(i) * v
    outputs = []
    for t in range(STEPS):
        later = [torch.prod(kept[j + 1 : t + 1], 0) * entering[j] for j in range(t + 1)]
        outputs.append(sum(later))
    return torch.stack(outputs)


def oscillators(weights: Weights, inputs: Tensor, implicit: bool) -> Tensor:
    """LinOSS as the differential equation in finite steps, solved for (z', y') as a linear system in every step."""
    (u,) = drives(weights, inputs).values()
    stiffness, step = weights["stiffness"][0].exp(), torch.sigmoid(weights["pace"][0])
    one, zero = torch.ones(HIDDEN), torch.zeros(HIDDEN)
    # implicit: z' + δA y' = z + δu, -δ z' + y' = y;  implicit-explicit: z' = z - δA y + δu, -δ z' + y' = y
    new = torch.stack([torch.stack([one, step * stiffness * implicit], -1), torch.stack([-step, one], -1)], -2)
    old = torch.stack([torch.stack([one, -step * stiffness * (not implicit)], -1), torch.stack([zero, one], -1)], -2)
    state, outputs = torch.zeros(SEQUENCES, HIDDEN, 2), []
    for t in range(STEPS):
        known = torch.einsum("hij,nhj->nhi", old, state) + torch.stack([step * u[t], torch.zeros_like(u[t])], -1)
        state = torch.linalg.solve(new, known[..., None])[..., 0]
        outputs.append(state[..., 1])
    return torch.stack(outputs)


def diagonal_gru(weights: Weights, inputs: Tensor) -> Tensor:
    """ParaGRU as torch's GRU, whose matrices are diagonal; torch stacks r (our q), z, n."""
    names = {"u_q": 0, "u_z": 1, "u_n": 2}
    layer = nn.GRU(FEATURES, HIDDEN, batch_first=True, dtype=torch.float64)
    parameters = {
        "weight_ih_l0": weights["W"][0].flatten(0, 1),
        "weight_hh_l0": torch.cat([weights[name][0].diag() for name in names]),
        "bias_ih_l0": weights["b"][0].flatten(),
        "bias_hh_l0": torch.zeros(3 * HIDDEN),
    }
    return torch.func.functional_call(layer, parameters, (inputs[0],))[0].transpose(0, 1)


def diagonal_lstm(weights: Weights, inputs: Tensor) -> Tensor:
    """ParaLSTM with diagonal matrices as matrices, its peepholes too."""
    f_in, z_in, o_in = drives(weights, inputs).values()
    matrix = {name: weights[name][0].diag() for name in ("u_f", "u_z", "u_o", "p_f", "p_o")}
    h, c, outputs = torch.zeros(SEQUENCES, HIDDEN), torch.zeros(SEQUENCES, HIDDEN), []
    for t in range(STEPS):
        keep = torch.sigmoid(h @ matrix["u_f"] + c @ matrix["p_f"] + f_in[t])
        c = torch.lerp(torch.tanh(h @ matrix["u_z"] + z_in[t]), c, keep)
        h = torch.sigmoid(h @ matrix["u_o"] + c @ matrix["p_o"] + o_in[t]) * torch.tanh(c)
        outputs.append(h)
    return torch.stack(outputs)


ELSEWHERE = {
    "rglru": hawk,
    "linoss": lambda weights, inputs: oscillators(weights, inputs, implicit=True),
    "linoss_imex": lambda weights, inputs: oscillators(weights, inputs, implicit=False),
    "para_gru": diagonal_gru,
    "para_lstm": diagonal_lstm,
}


@pytest.mark.parametrize("name", sorted(ELSEWHERE))
def test_states_and_gradients_are_those_of_the_papers_equations(name):
    cell = cells.load(name)
    weights = one_model(random_weights(cell, HIDDEN, seed=3), 0)
    inputs = normal("inputs", (1, SEQUENCES, STEPS, FEATURES), seed=3)
    counts = normal("loss", (STEPS, SEQUENCES, HIDDEN), seed=4)
    found = []
    for route in (lambda w, x: run(cell, w, x).states["h"][1:, 0], ELSEWHERE[name]):
        leaves = {key: value.clone().requires_grad_() for key, value in weights.items()}
        given = inputs.clone().requires_grad_()
        outputs = route(leaves, given)
        (outputs * counts).sum().backward()
        found.append((outputs, given.grad, {key: leaf.grad for key, leaf in leaves.items() if key != "U"}))
    (ours, input_gradient, gradients), (theirs, their_input_gradient, their_gradients) = found
    torch.testing.assert_close(ours, theirs, **CLOSE)
    torch.testing.assert_close(input_gradient, their_input_gradient, **CLOSE)
    for key, gradient in gradients.items():
        assert gradient.any(), key
        torch.testing.assert_close(gradient, their_gradients[key], **CLOSE)


def steps(name: str) -> np.ndarray:
    """Return the 2 x 2 Jacobian of every unit and model, (M, H, 2, 2)."""
    blocks = Case(name, 4, 1.0, 0).factors.carry
    return np.stack([np.stack([blocks[new, old][0] for old in ("h", "z")], -1) for new in ("h", "z")], -2)


def test_implicit_oscillators_are_damped_by_their_time_step():
    """|λ| = 1/√(1 + δ²A), both eigenvalues; and yet the norm of a step exceeds one."""
    weights, jacobians = Case("linoss", 4, 1.0, 0).weights, steps("linoss")
    pace, stiffness = torch.sigmoid(weights["pace"]), weights["stiffness"].exp()
    expected = (1 + pace**2 * stiffness).rsqrt().numpy()
    # Eigenvalues of a 2 x 2 matrix with distinct ones: some roundings.
    assert np.abs(np.linalg.eigvals(jacobians)) == pytest.approx(np.stack([expected] * 2, -1), rel=1e-12)
    assert (np.linalg.norm(jacobians, 2, axis=(-2, -1)) > 1).any()


def test_symplectic_oscillators_never_forget():
    """|λ| = 1 and a determinant of one; powers have norms above one that do not grow."""
    jacobians = steps("linoss_imex")
    assert np.abs(np.linalg.eigvals(jacobians)) == pytest.approx(1, abs=1e-12)
    assert np.linalg.det(jacobians) == pytest.approx(1, abs=1e-12)
    norms = [np.linalg.norm(np.linalg.matrix_power(jacobians, lag), 2, axis=(-2, -1)) for lag in range(1, 1001)]
    first, all_ = np.max(norms[:100], axis=0), np.max(norms, axis=0)
    # The angle of a rotation by each step is some .2 to 1: a hundred steps sample the cycle to a percent or so.
    assert (first > 1).all() and (all_ <= 1.05 * first).all()


def test_griffins_units_start_with_half_lives_from_two_to_170_steps():
    decay = torch.from_numpy(cells.load("rglru").initial_extras(4000, Uniform(0))["decay"])
    kept = torch.sigmoid(-decay) ** 4  # at a gate of ½
    lives = math.log(0.5) / kept.log()
    assert 1.6 < lives.min() < 1.7 and 150 < lives.max() < 174
    # uniform on a ring: the mean of the square is the mean of its ends, to 3 standard errors of width/√12/√n
    square, low, high = torch.sigmoid(-decay) ** 2, 0.9**2, 0.999**2
    assert abs(float(square.mean()) - (low + high) / 2) < 3 * (high - low) / math.sqrt(12 * 4000)
