"""The network in the page is the network of the engine: weights, run, Jacobians, hops, edges, to 1e-9 and better.

The page is JavaScript written from the equations; what it computes is read from the page and held against this package.
A chaotic run cannot be compared from its start (a last digit grows by decades in sixty steps), so the run is compared
step by step, each from the state that the page had, and the gradients on the page's own states.
"""

import itertools
import json
import math

import numpy as np
import pytest
import torch

from whylstm import cells
from whylstm.gradients.article import article_profile
from whylstm.gradients.exact import lag_jacobian
from whylstm.gradients.factors import Factors, factors
from whylstm.gradients.interventions import cut_recurrence, freeze_carry
from whylstm.gradients.profile import profile
from whylstm.gradients.trajectory import (
    Trajectory,
    input_drives,
    own_parameters,
    recurrent_drives,
    run,
    stacked_recurrent,
)

LSTM = cells.load("lstm")
LAGS, STEPS = 40, 60
RELATIVE = 1e-9
# log₁₀ norms: a relative 1e-9 is 4.3e-10. Both sides multiply the same forty matrices in float64, where rounding adds
# about 40 · 2H · 1e-16 ~ 1e-13, times at most a few decades where paths cancel.
DECADES = RELATIVE / math.log(10)

SETTINGS = {
    "forget bias 0": "gain=1&bias=0&units=8&seed=2&lag=20",
    "forget bias 4": "gain=1&bias=4&units=8&seed=2&lag=20",
    "chaotic": "gain=8&bias=0&units=8&seed=2&lag=40",
    "saturated": "gain=8&bias=6&units=5&seed=77&lag=33",
    "two units": "gain=2.5&bias=-3&units=2&seed=9999&lag=7",
    "no recurrence": "gain=0&bias=1&units=3&seed=4&lag=12",
    "linearised": "gain=4&bias=0.7&units=6&seed=5&lag=40&inputs=silence",
    "wave": "gain=1.3&bias=2.1&units=7&seed=11&lag=1&inputs=wave",
    "pulse": "gain=3&bias=1&units=4&seed=12&lag=25&inputs=pulse",
    "frozen": "gain=2&bias=1&units=6&seed=3&lag=20&freeze=1",
    "cut": "gain=8&bias=0&units=8&seed=2&lag=20&cut=1",
    "frozen and cut": "gain=2&bias=-1&units=3&seed=6&lag=15&freeze=1&cut=1",
}
CHAOTIC = {"chaotic", "saturated"}


def tensor(numbers: list) -> torch.Tensor:
    return torch.tensor(numbers, dtype=torch.float64)


class Page:
    """What the page says about one network, as tensors of the engine."""

    def __init__(self, said: dict) -> None:
        self.said, self.settings = said, said["settings"]
        self.weights = {name: tensor(said["weights"][name])[None] for name in ("U", "b")}
        self.weights["W"] = tensor(said["weights"]["W"])[None, ..., None]
        self.inputs = tensor(said["inputs"])[None, None, :, None]
        self.states = {part: tensor(said["states"][part])[:, None, None] for part in LSTM.parts}

    @property
    def trajectory(self) -> Trajectory:
        """The run with the page's own states, and the drives that the engine finds there."""
        matrix = stacked_recurrent(self.weights)
        kicks = [recurrent_drives(LSTM, self.weights, matrix, {"h": h}) for h in self.states["h"][:-1]]
        recurrent = {gate: torch.stack([kick[gate] for kick in kicks]) for gate in LSTM.gates}
        drives = input_drives(LSTM, self.weights, self.inputs)
        return Trajectory(self.states, recurrent, drives, own_parameters(LSTM, self.weights))

    @property
    def factors(self) -> Factors:
        """The engine's Jacobians on the page's states, with the interventions that were switched on."""
        made = factors(LSTM, self.weights, self.trajectory)
        made = freeze_carry(made) if self.settings["freeze"] else made
        return cut_recurrence(made) if self.settings["cut"] else made

    def norms(self, name: str) -> np.ndarray:
        """A list of log₁₀ norms by lag; exact zeros are -inf."""
        return np.array(self.said["log10"][name], dtype=float)


@pytest.fixture(scope="module", params=SETTINGS, ids=lambda name: name.replace(" ", "-"))
def network(request, browser, explored):
    browser.size(1000, 800)
    browser.open(explored, f"#{SETTINGS[request.param]}")
    browser.run("document.getElementById('numbers').closest('details').open = true")
    browser.wait("document.getElementById('numbers').value")
    page = Page(json.loads(browser.run("document.getElementById('numbers').value")))
    page.name = request.param
    return page


def close(found, expected) -> None:
    """Compare log₁₀ norms; an exact zero must be one on both sides."""
    found, expected = np.asarray(found, dtype=float), np.asarray(expected, dtype=float)
    assert found.shape == expected.shape
    np.testing.assert_array_equal(np.isneginf(found), np.isneginf(expected))
    finite = np.isfinite(expected)
    np.testing.assert_allclose(found[finite], expected[finite], rtol=0, atol=DECADES)


def test_the_settings_are_those_of_the_address(network):
    for pair in SETTINGS[network.name].split("&"):
        name, _, text = pair.partition("=")
        value = network.settings[name]
        assert value == (bool(int(text)) if name in ("freeze", "cut") else text if name == "inputs" else float(text))


def test_weights_and_inputs_come_from_the_generator_that_is_described(network):
    gain, bias, units, seed = (network.settings[name] for name in ("gain", "bias", "units", "seed"))
    grid = np.array([[row * 8 + column for column in range(units)] for row in range(units)])
    expected = [gain / math.sqrt(units) * normals(seed, 1 + gate, grid) for gate in range(4)]
    # a logarithm and a cosine of two libraries: an ulp each
    np.testing.assert_allclose(network.weights["U"][0], np.stack(expected), rtol=1e-13, atol=1e-15)
    inputs = [normals(seed, 5 + gate, np.arange(units)) for gate in range(4)]
    np.testing.assert_allclose(network.weights["W"][0, ..., 0], np.stack(inputs), rtol=1e-13, atol=1e-15)
    assert network.weights["b"][0].tolist() == [[bias * (gate == 1)] * units for gate in range(4)]
    kinds = {
        "noise": normals(seed, 9, np.arange(1, STEPS + 1)),
        "wave": np.sin(2 * np.pi * np.arange(1, STEPS + 1) / 12),
        "pulse": 3.0 * (np.arange(1, STEPS + 1) == 20),
        "silence": np.zeros(STEPS),
    }
    np.testing.assert_allclose(network.inputs.flatten(), kinds[network.settings["inputs"]], rtol=1e-13, atol=1e-14)


def test_every_step_of_the_run_is_the_engines(network):
    path = network.trajectory
    after = LSTM.update(path.before, path.recurrent, path.inputs, path.own)
    for part in LSTM.parts:  # one step: a dozen roundings
        torch.testing.assert_close(path.after[part], after[part], rtol=1e-13, atol=1e-14)
        assert not path.states[part][0].any()


def test_the_run_from_its_start_is_the_engines_for_as_long_as_digits_last(network):
    states = run(LSTM, network.weights, network.inputs).states
    steps = 12 if network.name in CHAOTIC else STEPS  # a decade lost per step or two: 1e-16 is 1e-10 after a dozen
    for part in LSTM.parts:
        torch.testing.assert_close(
            network.states[part][: steps + 1], states[part][: steps + 1], rtol=RELATIVE, atol=1e-12
        )


def test_norms_blocks_and_hops_are_the_engines_at_every_lag(network):
    engine = {name: values[:, 0, 0].numpy() for name, values in profile(network.factors, [STEPS], LAGS).items()}
    close(network.norms("norm"), engine["norm"])
    close(network.norms("h_to_h"), engine["h_to_h"])
    close(network.norms("carry"), engine["hop_0"])
    close(network.norms("carry_c_to_c"), engine["carry_c_to_c"])
    close(network.norms("hops"), np.stack([engine[f"hop_{hop}"] for hop in range(9)], axis=1))
    close(network.norms("hop_rest"), engine["hop_rest"])


def test_the_articles_product_is_the_engines(network):
    close(network.norms("article"), article_profile(network.factors, [STEPS], LAGS)["article"][:, 0, 0])


def test_an_edges_share_is_that_of_all_paths_through_it(network):
    made, lag, units = network.factors, network.settings["lag"], network.settings["units"]
    found = np.array(network.said["edges"]["shares"])
    assert network.said["edges"]["names"] == ["C to C", "C to h", "h to C", "h to h"]
    assert found.shape == (lag, 4)
    h, c = slice(0, units), slice(units, 2 * units)
    for place, step in enumerate(range(STEPS - lag + 1, STEPS + 1)):
        after = lag_jacobian(made, STEPS, STEPS - step)[0]
        before = lag_jacobian(made, step - 1, place)[0]
        one = lag_jacobian(made, step, 1)[0]
        through = [after[:, new] @ one[new, old] @ before[old] for old, new in ((c, c), (c, h), (h, c), (h, h))]
        whole = sum(through)
        torch.testing.assert_close(whole, after @ one @ before, rtol=1e-9, atol=1e-9 * float(whole.abs().max()))
        squares = torch.stack([part.square().sum() for part in through])
        np.testing.assert_allclose(found[place], squares / squares.sum(), rtol=RELATIVE, atol=1e-12)


def test_the_settings_reach_what_they_are_meant_to_reach():
    """Every switch, every kind of input, both ends of every slider and a chaotic network are among the settings."""
    said = [dict(pair.split("=") for pair in text.split("&")) for text in SETTINGS.values()]
    assert {one.get("inputs", "noise") for one in said} == {"noise", "wave", "pulse", "silence"}
    assert {(one.get("freeze", "0"), one.get("cut", "0")) for one in said} == set(itertools.product("01", repeat=2))
    for name, ends in {"gain": (0, 8), "bias": (-3, 6), "units": (2, 8), "lag": (1, 40)}.items():
        assert {min(float(one[name]) for one in said), max(float(one[name]) for one in said)} == set(ends)


def normals(seed: int, stream: int, index: np.ndarray) -> np.ndarray:
    """Return the numbers that random.js describes, by Python's integers."""
    return np.vectorize(lambda i: normal(seed, stream, int(i)), otypes=[float])(index)


def normal(seed: int, stream: int, index: int) -> float:
    radius = math.sqrt(-2 * math.log(uniform(seed, stream, 2 * index)))
    return radius * math.cos(2 * math.pi * uniform(seed, stream, 2 * index + 1))


def uniform(seed: int, stream: int, index: int) -> float:
    return (mix(mix(mix(seed) ^ stream) + index) + 0.5) / 2**32


def mix(x: int) -> int:
    x &= 2**32 - 1
    x = (x ^ x >> 16) * 0x85EBCA6B % 2**32
    x = (x ^ x >> 13) * 0xC2B2AE35 % 2**32
    return x ^ x >> 16


def test_the_generators_numbers_are_normal_and_of_no_other():
    """Over 20,000 numbers: mean, variance, kurtosis and neighbours within five standard errors of N(0, 1)."""
    drawn = np.concatenate([normals(seed, stream, np.arange(100)) for seed in range(1, 21) for stream in range(1, 11)])
    error = len(drawn) ** -0.5
    assert abs(drawn.mean()) < 5 * error
    assert abs(drawn.var() - 1) < 5 * math.sqrt(2) * error
    assert abs((drawn**4).mean() - 3) < 5 * math.sqrt(96) * error
    assert abs((drawn[1:] * drawn[:-1]).mean()) < 5 * error
    assert abs((drawn[100:] * drawn[:-100]).mean()) < 5 * error  # the same index in the next stream
