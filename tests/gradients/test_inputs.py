"""Outputs against inputs: the written-out profile and the unrolled, differentiated cell."""

import pytest
import torch

from tests.cases import normal
from whylstm import cells, initialisations
from whylstm.gradients.factors import factors
from whylstm.gradients.inputs import input_profile, transposed
from whylstm.gradients.lyapunov import apply
from whylstm.gradients.trajectory import run

STEPS, HIDDEN, FEATURES, END, LAGS = 9, 4, 3, 8, 7
CELLS = ["tanh", "lstm", "gru", "lru", "minlstm", "lstm_peephole", "slstm", "leaky"]


def network(name):
    """One model's weights, its run along one sequence, and its one-step Jacobians."""
    cell = cells.load(name)
    fields = {"gain": 1.5, "forget_bias": 1.0, "input_scale": 1.0, "t_max": 20.0}
    drawn = initialisations.weights(cell.initialisation or "gaussian", cell, HIDDEN, FEATURES, 1, 0, **fields)
    weights = {key: torch.from_numpy(value)[None] for key, value in drawn.items()}
    inputs = normal("inputs", (1, 1, STEPS, FEATURES), 0)
    trajectory = run(cell, weights, inputs)
    return cell, weights, inputs, trajectory, factors(cell, weights, trajectory)


@pytest.mark.parametrize("name", CELLS)
def test_it_is_the_derivative_of_the_output_by_the_input(name):
    cell, weights, inputs, trajectory, found = network(name)
    jacobian = torch.autograd.functional.jacobian(
        lambda x: run(cell, weights, x).after[cell.parts[0]][END - 1, 0, 0], inputs
    )[:, 0, 0]
    norms = torch.linalg.vector_norm(jacobian, dim=(0, 2)).log10()
    profile = input_profile(cell, weights, trajectory, found, END, LAGS)
    # products of up to eight small float64 matrices, summed in two orders
    torch.testing.assert_close(profile[:, 0], norms[: END - 1].flip(0), rtol=0, atol=1e-10)


@pytest.mark.parametrize("name", ["lstm", "gru", "lru"])
def test_models_are_measured_together_as_each_alone(name):
    cell, weights, *_ = network(name)
    inputs = normal("several", (3, 1, STEPS, FEATURES), 0)
    scale = torch.tensor([1.0, 0.5, 2.0], dtype=torch.float64)
    several = {key: value * scale.view(-1, *[1] * (value.ndim - 1)) for key, value in weights.items()}

    def profile(chosen):
        own = {key: value[chosen] for key, value in several.items()}
        trajectory = run(cell, own, inputs[chosen])
        return input_profile(cell, own, trajectory, factors(cell, own, trajectory), END, LAGS)

    alone = torch.cat([profile([model]) for model in range(3)], 1)
    torch.testing.assert_close(profile([0, 1, 2]), alone, rtol=0, atol=1e-12)


@pytest.mark.parametrize("name", CELLS)
def test_the_transposed_step_is_the_transpose(name):
    *_, found = network(name)
    size = HIDDEN * len(found.parts)
    dense = apply(found, 3, torch.eye(size, dtype=torch.float64)[None])
    columns = normal("columns", (1, size, 5), 0)
    torch.testing.assert_close(transposed(found, 3, columns), dense.mT @ columns, rtol=1e-12, atol=1e-13)


def test_what_is_too_small_for_a_float_is_a_number_all_the_same():
    cell, weights, *_ = network("tanh")
    weights |= {"U": 1e-60 * weights["U"]}
    inputs = normal("inputs", (1, 1, STEPS, FEATURES), 0)
    trajectory = run(cell, weights, inputs)
    profile = input_profile(cell, weights, trajectory, factors(cell, weights, trajectory), END, LAGS)
    assert bool((profile[-1] < -400) & torch.isfinite(profile[-1]))
