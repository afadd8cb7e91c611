"""States, parameter gradients, input gradients and Jacobians against torch's own layers, in float64.

Both sides compute the same sums in another order, so they agree to some ulp; over 12 steps at saturation 1 errors grow
little. Relative 1e-10 leaves room for that and for nothing else.
"""

from __future__ import annotations

import pytest
import torch

from tests.cases import Case, normal, one_model, random_weights
from tests.cells.torch_twins import ORDER, stacked, start, twin
from whylstm import cells
from whylstm.gradients import exact
from whylstm.gradients.factors import factors
from whylstm.gradients.trajectory import run

CLOSE = {"rtol": 1e-10, "atol": 1e-12}
HIDDEN, STEPS, SEQUENCES, FEATURES = 5, 12, 3, 2


@pytest.fixture(params=sorted(ORDER))
def pair(request):
    """A cell, its weights with gradients, torch's layer, and inputs for each with gradients."""
    cell = cells.load(request.param)
    weights = one_model(random_weights(cell, HIDDEN, seed=3), 0)
    layer = twin(cell, weights)
    weights = {name: value.requires_grad_() for name, value in weights.items()}
    inputs = normal("inputs", (1, SEQUENCES, STEPS, FEATURES), seed=3)
    return cell, weights, layer, inputs.clone().requires_grad_(), inputs[0].clone().requires_grad_()


def test_outputs_are_torchs_at_every_step(pair):
    cell, weights, layer, ours, theirs = pair
    states = run(cell, weights, ours).states
    outputs, last = layer(theirs)
    torch.testing.assert_close(states["h"][1:, 0].transpose(0, 1), outputs, **CLOSE)
    if "c" in cell.parts:
        torch.testing.assert_close(states["c"][-1, 0], last[1][0], **CLOSE)


def test_gradients_are_torchs_for_every_weight_and_input(pair):
    cell, weights, layer, ours, theirs = pair
    torch.autograd.backward(
        [_loss(run(cell, weights, ours).states["h"][1:, 0].transpose(0, 1)), _loss(layer(theirs)[0])]
    )
    torch.testing.assert_close(ours.grad[0], theirs.grad, **CLOSE)
    for name, gates, row in (
        ("W", cell.gates, "weight_ih_l0"),
        ("U", cell.gates, "weight_hh_l0"),
        ("b", cell.gates, "bias_ih_l0"),
    ):
        torch.testing.assert_close(stacked(cell, weights[name].grad[0], gates), getattr(layer, row).grad, **CLOSE)
    if cell.recurrent_bias:
        torch.testing.assert_close(stacked(cell, weights["c"].grad[0], cell.gates), layer.bias_hh_l0.grad, **CLOSE)


def _loss(outputs: torch.Tensor) -> torch.Tensor:
    """A number that every output counts in, with a weight of its own."""
    return (outputs * normal("loss", tuple(outputs.shape), seed=4)).sum()


def test_lag_jacobian_is_that_of_torchs_layer(pair):
    cell, weights, layer, ours, _ = pair
    weights, inputs = {name: value.detach() for name, value in weights.items()}, ours.detach()[:, :1]
    path = run(cell, weights, inputs)
    end, lag = 9, 6
    before = {part: path.states[part][end - lag] for part in cell.parts}

    def unrolled(flat):
        parts = dict(zip(cell.parts, flat.reshape(len(cell.parts), 1, 1, HIDDEN), strict=True))
        _, last = layer(inputs[0, :, end - lag : end], start(parts))
        return torch.cat([part.reshape(-1) for part in (last if isinstance(last, tuple) else (last,))])

    foreign = torch.autograd.functional.jacobian(unrolled, torch.cat([before[part].reshape(-1) for part in cell.parts]))
    ours = exact.lag_jacobian(factors(cell, weights, path), end, lag)[0]
    torch.testing.assert_close(ours, foreign, rtol=1e-10, atol=1e-12 * float(foreign.abs().max()))


def test_a_swapped_pair_of_gates_is_noticed():
    """The twin holds names to their meaning: with two gates exchanged, torch's outputs are other ones."""
    case = Case("gru", HIDDEN, 1.0, 3)
    weights = one_model(case.weights, 0)
    swapped = weights | {name: weights[name][:, [1, 0, 2]] for name in ("U", "W", "b", "c")}
    inputs = case.inputs[:1]
    ours = run(case.cell, swapped, inputs).states["h"][1:, 0].transpose(0, 1)
    assert (ours - twin(case.cell, weights)(inputs[0])[0]).abs().max() > 1e-3
