"""The signal-to-noise ratio against its definition: one gradient split after another, mean and variance by hand."""

import pytest
import torch

from tests.cases import normal, random_weights
from whylstm import cells
from whylstm.gradients.parameters import contributions, flat
from whylstm.gradients.signal import signal_to_noise
from whylstm.gradients.trajectory import run

STEPS, FEATURES, COUNT, HIDDEN = 6, 3, 5, 4


@pytest.mark.parametrize("name", cells.names())
def test_the_ratio_is_that_of_single_sequences(name):
    cell = cells.load(name)
    weights = random_weights(cell, HIDDEN, models=1, features=FEATURES)
    inputs, slopes = normal("inputs", (1, COUNT, STEPS, FEATURES), 0), normal("slopes", (COUNT, HIDDEN), 0)
    by_lag, whole = signal_to_noise(cell, weights, run(cell, weights, inputs), inputs, slopes)
    split = torch.stack([one_sequence(cell, weights, inputs[:, n : n + 1], slopes[n]) for n in range(COUNT)])
    expected = torch.stack([ratio(split[:, lag]) for lag in range(STEPS)])
    # The same sums in another order; a cell without a carry and a mix has no contribution beyond lag 0, and no ratio.
    torch.testing.assert_close(by_lag, expected, rtol=1e-10, atol=1e-12, equal_nan=True)
    torch.testing.assert_close(whole, ratio(split.sum(1)), rtol=1e-10, atol=1e-12)


def one_sequence(cell, weights, inputs, slope):
    """Return the contributions of every lag, (lags, parameters)."""
    cotangents = torch.cat([torch.zeros(STEPS - 1, HIDDEN), slope[None]])
    return torch.stack(
        [flat(part) for part in contributions(cell, weights, run(cell, weights, inputs), inputs, cotangents)]
    )


def ratio(vectors):
    """Return (‖mean‖² - Var/N) / Var for vectors (N, parameters)."""
    variance = vectors.var(0, unbiased=True).sum()
    return (vectors.mean(0).square().sum() - variance / len(vectors)) / variance


def test_noise_alone_has_no_signal():
    """Errors of random sign: the estimate is 0 on average, where the plain one would be 1/N."""
    cell = cells.load("gru")
    weights, found = random_weights(cell, HIDDEN, models=1, features=FEATURES), []
    for seed in range(200):
        inputs, slopes = normal("inputs", (1, COUNT, STEPS, FEATURES), seed), normal("slopes", (COUNT, HIDDEN), seed)
        found.append(signal_to_noise(cell, weights, run(cell, weights, inputs), inputs, slopes)[1])
    values = torch.stack(found)
    # Five sequences and 200 draws: the mean scatters by its standard error; four of them happen once in 16,000.
    assert values.mean().abs() < 4 * values.std() / len(values) ** 0.5 + 0.01
    assert values.mean() < 0.5 / COUNT
