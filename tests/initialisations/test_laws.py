"""The law of each initialisation: its variance, its orthogonality, and the libraries' own weights."""

import math

import numpy as np
import pytest
import torch
from scipy import stats

from whylstm import cells, initialisations
from whylstm.errors import StudyError

HIDDEN, FEATURES, MODELS = 32, 5, 40


def models(name: str, cell: str, hidden: int = HIDDEN, **fields) -> dict[str, np.ndarray]:
    """Weights of forty replicates, stacked."""
    given = {"gain": 1.0, "forget_bias": 0.0, "input_scale": 1.0, "t_max": 100.0} | fields
    drawn = [
        initialisations.weights(name, cells.load(cell), hidden, FEATURES, 21, replicate, **given)
        for replicate in range(MODELS)
    ]
    return {tensor: np.stack([model[tensor] for model in drawn]) for tensor in drawn[0]}


def assert_normal(numbers: np.ndarray, variance: float) -> None:
    """Hold numbers against N(0, variance) by Kolmogorov and Smirnov's test: fails one fixed draw in a thousand."""
    assert stats.kstest(numbers.ravel() / variance**0.5, "norm").pvalue > 1e-3


def assert_uniform(numbers: np.ndarray, low: float, high: float) -> None:
    """Likewise against U(low, high), and no number outside."""
    assert low <= numbers.min() <= numbers.max() <= high
    assert stats.kstest((numbers.ravel() - low) / (high - low), "uniform").pvalue > 1e-3


@pytest.mark.parametrize("hidden", [8, 32])
@pytest.mark.parametrize("gain", [0.5, 2.0])
def test_gaussian_weights_have_variance_gain_squared_over_h(gain, hidden):
    drawn = models("gaussian", "lstm", hidden, gain=gain, input_scale=0.3)
    assert_normal(drawn["U"], gain**2 / hidden)
    assert_normal(drawn["W"], 0.3**2 / FEATURES)
    # the variance of n normals has the relative standard error sqrt(2/n); 3.3 of them are 99.9%
    assert drawn["U"].var() == pytest.approx(gain**2 / hidden, rel=3.3 * (2 / drawn["U"].size) ** 0.5)


def test_gates_and_replicates_are_independent():
    flat = models("gaussian", "lstm")["U"].reshape(MODELS * 4, -1)
    correlation = np.corrcoef(flat)[np.triu_indices(len(flat), 1)]
    # 12,720 correlations of 1,024 numbers each, standard error 1/32: none beyond 6 of them (1e-9 each)
    assert abs(correlation).max() < 6 / 32


@pytest.mark.parametrize("gain", [1.0, 0.5])
def test_orthogonal_matrices_are_orthogonal_up_to_the_gain(gain):
    matrices = models("orthogonal", "lstm", gain=gain)["U"]
    product = np.swapaxes(matrices, -1, -2) @ matrices
    # Householder QR in float64 is orthogonal to a small multiple of 1e-16 times the size
    assert np.allclose(product, gain**2 * np.eye(HIDDEN), rtol=0, atol=1e-13)


def test_orthogonal_matrices_are_uniform():
    # For the uniform law E (trace Q)² = 1 and E trace Q = 0. Without the correction of signs the trace of LAPACK's Q is
    # biased: its mean then lies near -1/2. Standard error of the mean of 160 traces: .08; of their squares: about .11.
    traces = np.trace(models("orthogonal", "lstm")["U"], axis1=-2, axis2=-1)
    assert abs(traces.mean()) < 3.3 / traces.size**0.5
    assert abs((traces**2).mean() - 1) < 3.3 * (2 / traces.size) ** 0.5
    # and its columns point everywhere: an entry is positive half of the time
    positive = (models("orthogonal", "lstm")["U"] > 0).mean(axis=(0, 1))
    assert abs(positive - 0.5).max() < 5 * 0.5 / (4 * MODELS) ** 0.5  # the largest of 1,024 entries


def test_identity_is_the_scaled_identity():
    drawn = models("identity", "relu", gain=0.9)
    assert np.array_equal(drawn["U"], np.broadcast_to(0.9 * np.eye(HIDDEN), (MODELS, 1, HIDDEN, HIDDEN)))
    assert_normal(drawn["W"], 1 / FEATURES)


@pytest.mark.parametrize("t_max", [3.0, 100.0, 750.0])
def test_chrono_spreads_memories_uniformly(t_max):
    drawn = models("chrono", "lstm", t_max=t_max)
    bias = dict(zip(cells.load("lstm").gates, np.moveaxis(drawn["b"], 1, 0), strict=True))
    assert_uniform(np.exp(bias["f"]), 1, t_max - 1)
    assert np.array_equal(bias["i"], -bias["f"])
    assert not bias["g"].any()
    assert not bias["o"].any()
    forget = 1 / (1 + np.exp(-bias["f"]))
    # 1/(1 - f) to the rounding of 1 - f, 1e-16 relative to 1/T_max
    assert_uniform(np.clip(1 / (1 - forget), 2, t_max), 2, t_max)


def test_chrono_gives_a_gru_its_carry_bias_alone():
    bias = dict(zip(cells.load("gru").gates, np.moveaxis(models("chrono", "gru")["b"], 1, 0), strict=True))
    assert_uniform(np.exp(bias["z"]), 1, 99)
    assert not bias["q"].any()
    assert not bias["n"].any()


@pytest.mark.parametrize("t_max", [2.0, -5.0, math.inf])
def test_chrono_refuses_a_dependency_without_a_spread(t_max):
    with pytest.raises(StudyError, match=f"t_max: {t_max} is not allowed .* more than 2"):
        models("chrono", "lstm", t_max=t_max)


@pytest.mark.parametrize("cell", ["tanh", "lstm", "gru"])
def test_torch_default_is_uniform_in_its_bounds(cell):
    drawn, bound = models("torch_default", cell), HIDDEN**-0.5
    for tensor in ("U", "W", *(("b", "c") if cell == "gru" else ())):
        assert_uniform(drawn[tensor], -bound, bound)
        # a uniform number on ±a has variance a²/3, and its square the relative deviation sqrt(4/5)
        assert drawn[tensor].var() == pytest.approx(bound**2 / 3, rel=3.5 * (0.8 / drawn[tensor].size) ** 0.5)


@pytest.mark.parametrize(("cell", "layer"), [("tanh", torch.nn.RNN), ("lstm", torch.nn.LSTM), ("gru", torch.nn.GRU)])
def test_torch_default_has_the_law_of_torchs_own_layers(cell, layer):
    drawn = models("torch_default", cell)
    with torch.random.fork_rng():
        torch.manual_seed(21)
        layers = [layer(FEATURES, HIDDEN) for _ in range(MODELS)]
    theirs = {
        "U": np.stack([each.weight_hh_l0.detach().numpy() for each in layers]),
        "W": np.stack([each.weight_ih_l0.detach().numpy() for each in layers]),
    }
    first, second = (
        np.stack([getattr(each, name).detach().numpy() for each in layers]) for name in ("bias_ih_l0", "bias_hh_l0")
    )
    theirs |= {"b": first, "c": second} if cell == "gru" else {"b": first + second}
    assert set(theirs) == set(drawn)
    for tensor, value in theirs.items():
        assert drawn[tensor].size == value.size
        # two samples of one law: p below 1e-3 for one fixed pair in a thousand
        assert stats.ks_2samp(drawn[tensor].ravel(), value.ravel()).pvalue > 1e-3


def test_torch_default_gives_one_bias_to_a_gate_without_a_recurrent_matrix():
    assert_uniform(models("torch_default", "minlstm")["b"], -(HIDDEN**-0.5), HIDDEN**-0.5)


@pytest.mark.parametrize(("cell", "gates"), [("tanh", 1), ("lstm", 4), ("gru", 3)])
def test_keras_default_is_one_orthonormal_kernel(cell, gates):
    matrices = models("keras_default", cell)["U"]
    assert matrices.shape[1] == gates
    # Keras holds the kernel (H, gates·H) that multiplies h from the right: our matrices transposed, side by side
    kernel = np.concatenate([matrices[:, gate].swapaxes(1, 2) for gate in range(gates)], axis=2)
    assert np.allclose(kernel @ kernel.swapaxes(1, 2), np.eye(HIDDEN), rtol=0, atol=1e-13)  # rounding, as above
    assert (matrices**2).mean() == pytest.approx(1 / (gates * HIDDEN), rel=1e-12)  # its trace, exactly


@pytest.mark.parametrize(("cell", "gates"), [("tanh", 1), ("lstm", 4), ("gru", 3)])
def test_keras_default_has_glorots_bound_over_all_gates(cell, gates):
    limit = math.sqrt(6 / (FEATURES + gates * HIDDEN))
    assert_uniform(models("keras_default", cell)["W"], -limit, limit)


def test_keras_default_sets_the_bias_of_an_lstms_forget_gate_to_one():
    lstm, gru = models("keras_default", "lstm"), models("keras_default", "gru")
    assert np.array_equal(lstm["b"].sum(axis=(0, 2)), [0, MODELS * HIDDEN, 0, 0])
    assert not gru["b"].any()
    assert not gru["c"].any()
