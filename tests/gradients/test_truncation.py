"""Fewer rows at long lags: what is dropped changes norms by no more than the certificate says, and it says enough."""

from __future__ import annotations

import itertools

import pytest
import torch

from tests.cases import normal, one_model, random_weights
from whylstm import cells
from whylstm.gradients import compiled
from whylstm.gradients.factors import Factors, factors
from whylstm.gradients.lag_profile import lag_profile
from whylstm.gradients.trajectory import Weights, run

HIDDEN, STEPS, MODELS = 40, 200, 2
ROUNDING = {torch.float64: 1e-9, torch.float32: 4e-5}
"""Decades that two orders of the same sums may differ by, where paths do not cancel, over 200 products."""

SETTINGS = [
    *itertools.product(["tanh"], [0.5, 1.0, 3.0], [None]),
    *itertools.product(["gru", "lstm"], [0.5, 1.0, 3.0], [0.0, 4.0]),
    ("slstm", 1.0, 0.0), ("lstm_1997", 1.0, None), ("minlstm", 1.0, 4.0),
]  # fmt: skip


def weights_of(name: str, gain: float, bias: float | None, seed: int) -> Weights:
    """Return Gaussian weights with a forget bias and no other."""
    cell = cells.load(name)
    weights = random_weights(cell, HIDDEN, seed=seed, models=MODELS)
    weights["U"], weights["b"] = gain * weights["U"], torch.zeros_like(weights["b"])
    if bias is not None:
        weights["b"][:, cell.gates.index(cell.carry_gate)] = bias
    return weights


def steps_of(name: str, gain: float, bias: float | None, seed: int = 0) -> Factors:
    """Return the one-step Jacobians of two networks driven by noise."""
    cell, weights = cells.load(name), weights_of(name, gain, bias, seed)
    return factors(cell, weights, run(cell, weights, normal("noise", (MODELS, 1, STEPS, 2), seed)))


def profiles(steps: Factors, limit: float, dtype: torch.dtype = torch.float64, **options) -> tuple[dict, dict]:
    """Return the profile in float64 with all rows, and truncated."""
    options = {"article": False, "spectral": True} | options
    whole = lag_profile(steps, [steps.steps], steps.steps, None, **options)
    return whole, lag_profile(steps, [steps.steps], steps.steps, None, truncate=limit, dtype=dtype, **options)


def differences(whole: dict, found: dict) -> torch.Tensor:
    """Return the largest difference of any norm, lag by lag and model by model; zeros must be zeros."""
    names = [name for name in whole if name != "spectral_residual"]
    for name in names:
        assert torch.equal(whole[name].isfinite(), found[name].isfinite()), name
    each = [torch.where(whole[name].isfinite(), (whole[name] - found[name]).abs(), 0.0) for name in names]
    return torch.stack(each).amax(0)


@pytest.mark.parametrize(("name", "gain", "bias"), SETTINGS)
@pytest.mark.parametrize("seed", [0, 1])
def test_every_norm_is_within_the_certificate(name, gain, bias, seed):
    """Cells, gains, forget biases, seeds: blocks, carry and singular values, at a limit that leaves an error to see."""
    whole, found = profiles(steps_of(name, gain, bias, seed), 1e-6)
    # The search for singular values leaves 5e-7 of a value, 2.2e-7 decades, and mostly the square of that.
    assert (differences(whole, found) <= found["truncation_error"] + 3e-7).all()
    blocks = {key: value for key, value in whole.items() if not key.startswith("spectral")}
    assert (differences(blocks, found) <= found["truncation_error"] + ROUNDING[torch.float64]).all()


@pytest.mark.parametrize(("name", "gain", "bias"), [("tanh", 1.0, None), ("gru", 1.0, 0.0), ("lstm", 1.0, 0.0)])
@pytest.mark.parametrize(("dtype", "limit", "error"), [(torch.float64, 1e-12, 1e-7), (torch.float32, 1e-7, 1e-3)])
def test_the_limits_that_are_recommended(name, gain, bias, dtype, limit, error):
    """Rows are dropped, and the certificate, with its factor of some sixty, stays far below what a plot shows."""
    whole, found = profiles(steps_of(name, gain, bias), limit, dtype, spectral=False)
    assert (differences(whole, found) <= found["truncation_error"] + ROUNDING[dtype]).all()
    assert 0 < found["truncation_error"].max() < error
    assert found["truncation_error"][0].max() == 0  # nothing is dropped before lag 16


@pytest.mark.parametrize(("name", "bias"), [("tanh", None), ("lstm", 0.0), ("lstm", 4.0)])
def test_the_certificate_catches_a_limit_that_is_too_greedy(name, bias):
    """A third of the energy dropped at once: norms are off by percents or more, and the certificate says so."""
    whole, found = profiles(steps_of(name, 1.0, bias), 0.3, spectral=False)
    wrong = differences(whole, found)
    assert wrong.max() > 5e-3
    assert found["truncation_error"].max() > 0.3
    assert (wrong <= found["truncation_error"] + ROUNDING[torch.float64]).all()


def swapped(steps: int, hidden: int) -> Factors:
    """Return a diagonal product whose small half is dropped, and would rule a hundred lags later."""
    small = torch.arange(hidden) % 2 == 0
    early, late = torch.where(small, 0.3, 0.9), torch.where(small, 0.9, 0.3)
    time = torch.arange(steps)[:, None, None]  # lags run backwards
    carry = torch.where(time >= steps - 60, early, late)
    return Factors(("h",), (), {("h", "h"): carry}, {}, torch.zeros(1, 0, hidden, hidden))


def test_the_certificate_catches_what_was_dropped_and_comes_back():
    whole, found = profiles(swapped(200, 64), 1e-6, spectral=False)
    wrong, error = differences(whole, found)[:, 0, 0], found["truncation_error"][:, 0, 0]
    assert wrong[:60].max() < 1e-6 and error[:60].max() < 1e-4
    # What is left of the dropped half is its probes, an estimate of its energy: no digits of it are certain.
    assert wrong[-20:].max() > 1e-3 and (error[-20:] > 0.1).all()
    assert (wrong <= error + 1e-9).all()


def test_no_number_depends_on_what_else_is_asked_for():
    """Bit for bit: other models, windows and columns; and hops are those of the whole product."""
    weights, inputs = weights_of("gru", 1.0, 0.0, 0), normal("noise", (MODELS, 1, STEPS, 2), 0)
    cell, options = cells.load("gru"), {"truncate": 1e-9}
    steps = factors(cell, weights, run(cell, weights, inputs))
    alone = factors(cell, one_model(weights, 1), run(cell, one_model(weights, 1), inputs[1:]))
    every = compiled.profile(steps, [150, 200], 150, 2, **options)
    for name, value in compiled.profile(alone, [200], 150, None, **options).items():
        assert torch.equal(value[:, 0, 0], every[name][:, 1, 1]), name
    for name, value in compiled.profile(steps, [150, 200], 150, 2).items():
        if name.startswith(("hop", "carry")):
            assert torch.equal(value, every[name]), name


def test_a_run_that_is_not_finite_has_no_certificate():
    steps = steps_of("tanh", 1.0, None)
    steps.mix["h", "h"][100, 0] = torch.nan
    found = lag_profile(steps, [STEPS], STEPS, None, truncate=1e-6)["truncation_error"][:, :, 0]
    assert found[:99].isfinite().all()
    assert found[100:, 0].isnan().all() and found[:, 1].isfinite().all()


def test_the_plain_route_drops_nothing():
    found = lag_profile(steps_of("tanh", 1.0, None), [30], 30, None, truncate=0.3, plain=True)
    assert (found["truncation_error"] == 0).all()


@pytest.mark.parametrize("limit", [0.0, 1.0, -1e-3, float("nan")])
def test_a_limit_out_of_range_is_refused(limit):
    with pytest.raises(ValueError, match="must be between 0 and 1"):
        lag_profile(steps_of("tanh", 1.0, None), [30], 30, None, truncate=limit)


def test_the_articles_products_are_refused_with_it():
    with pytest.raises(ValueError, match="article=False"):
        lag_profile(steps_of("lstm", 1.0, 0.0), [30], 30, None, truncate=1e-6)
