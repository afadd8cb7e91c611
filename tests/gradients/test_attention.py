"""Causal attention: its Jacobian by hand, by differentiation, by torch, and in two cases that are known."""

from __future__ import annotations

import math

import pytest
import torch
from torch.func import jacrev
from torch.nn.functional import scaled_dot_product_attention

from tests.cases import normal
from whylstm.gradients.attention import attend, attention_profile, jacobian, log_weights

MODELS, SEQUENCES, STEPS, FEATURES, HIDDEN = 2, 2, 7, 3, 4
INPUTS = normal("inputs", (MODELS, SEQUENCES, STEPS, FEATURES), 0)


def random(scale: float = 1.0) -> dict[str, torch.Tensor]:
    return {name: scale * normal(name, (MODELS, HIDDEN, FEATURES), 0) for name in ("Q", "K", "V")}


def test_outputs_are_torchs():
    weights = random()
    q, k, v = (INPUTS @ weights[name][:, None].mT for name in ("Q", "K", "V"))
    # The same few sums of numbers of order one, in another order.
    expected = scaled_dot_product_attention(q, k, v, is_causal=True)
    torch.testing.assert_close(attend(weights, INPUTS), expected, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("scale", [0.1, 1.0, 3.0])
def test_jacobian_is_the_derivative_at_every_lag(scale):
    weights = random(scale)
    for model in range(MODELS):
        one = {name: value[model : model + 1] for name, value in weights.items()}
        for sequence in range(SEQUENCES):
            x = INPUTS[model : model + 1, sequence : sequence + 1]
            derivative = jacrev(lambda x, one=one: attend(one, x)[0, 0])(x)[:, :, 0, 0]  # (T, H, T, D)
            for end in (1, 4, STEPS):
                for lag in range(end):
                    found = jacobian(weights, INPUTS, end, lag)[model, sequence]
                    expected = derivative[end - 1, :, end - 1 - lag]
                    # Sums of a few dozen terms, up to 100 in size at scale 3.
                    torch.testing.assert_close(found, expected, rtol=1e-10, atol=1e-12)
            assert not derivative[2, :, 3:].any()  # causal


def test_profile_is_the_norm_of_the_jacobian():
    weights, ends, lags = random(), [5, STEPS], 4
    found = attention_profile(weights, INPUTS, ends, lags)
    assert found.shape == (lags, MODELS, len(ends)) and found.dtype == torch.float64
    for window, end in enumerate(ends):
        for lag in range(1, lags + 1):
            expected = torch.linalg.matrix_norm(jacobian(weights, INPUTS, end, lag)[:, 0]).log10()
            torch.testing.assert_close(found[lag - 1, :, window], expected, rtol=0, atol=1e-12)


def test_a_query_of_zero_reads_the_mean():
    """All weights 1/t: every lag has the Jacobian V/t; none vanishes, and each is small."""
    weights = random() | {"Q": torch.zeros(MODELS, HIDDEN, FEATURES)}
    found = attention_profile(weights, INPUTS, [STEPS], STEPS - 1)[:, :, 0]
    expected = torch.linalg.matrix_norm(weights["V"]).log10() - math.log10(STEPS)
    torch.testing.assert_close(found, expected.expand_as(found), rtol=0, atol=1e-14)  # one division, one logarithm


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
def test_what_is_not_attended_to_has_a_finite_logarithm(dtype):
    """Two steps whose scores are -10^4 and 0: the first has a weight of exp(-10^4), which no precision holds."""
    weights = {name: torch.ones(1, 1, 2, dtype=dtype) for name in ("Q", "K", "V")}
    weights["K"] = torch.tensor([[[1e4, 0.0]]], dtype=dtype)
    weights["Q"] = torch.tensor([[[0.0, 1.0]]], dtype=dtype)
    inputs = torch.tensor([[[[-1.0, 0.0], [0.0, 1.0]]]], dtype=dtype)
    assert log_weights(weights, inputs)[0, 0, 1, 0] == -1e4
    found = float(attention_profile(weights, inputs, [2], 1))
    # y = v_t = 1, v_s = -1: V + (v_s - y) q K = [1, 1] - 2 [1e4, 0].
    expected = -1e4 / math.log(10) + math.log10(math.hypot(1 - 2e4, 1))
    assert found == pytest.approx(expected, abs=1e-10 if dtype == torch.float64 else 1e-6)


def test_no_step_can_see_the_future():
    changed = INPUTS.clone()
    changed[:, :, 4:] += 1
    assert torch.equal(attend(random(), INPUTS)[:, :, :4], attend(random(), changed)[:, :, :4])


@pytest.mark.parametrize(("ends", "lags"), [([3], 3), ([STEPS + 1], 2)])
def test_a_window_beyond_the_sequence_is_refused(ends, lags):
    with pytest.raises(ValueError, match="must end after the largest lag"):
        attention_profile(random(), INPUTS, ends, lags)
