"""Exponents, hops, half-lives, bounds and theory: each against a closed form, the engine, or torch."""

from __future__ import annotations

import math

import pytest
import torch

from tests.cases import one_model, random_weights
from tests.diagnosis.users import KINDS, inputs, module
from whylstm import cells
from whylstm.diagnosis import bounds, exponents, hops, theory, units, whole
from whylstm.diagnosis.chain import chains, trajectories
from whylstm.diagnosis.exponents import Exponent
from whylstm.diagnosis.modules import from_module
from whylstm.diagnosis.state_dicts import from_tensors
from whylstm.gradients.factors import Factors
from whylstm.gradients.lag_profile import lag_profile
from whylstm.gradients.lyapunov import lyapunov
from whylstm.gradients.scaled import Scaled


def chain_of(rnn, data):
    """Return the chain along the first sequence."""
    network = from_module(rnn)
    return chains(network, trajectories(network, data))[0]


def silent(kind, layers=1, scale=1.0, hidden=6):
    """Return a simple RNN without biases, which stays at zero on zero inputs, so that J is U at every step."""
    rnn = module(kind, layers, bias=False, hidden=hidden)
    with torch.no_grad():
        for name, value in rnn.named_parameters():
            value.mul_(scale if "hh" in name else 1.0)
    return rnn


def test_the_exponent_of_a_network_at_rest_is_that_of_its_larger_layer():
    """At rest each layer's exponent is ln ρ(U); the network's is the larger of the two."""
    rnn = silent("tanh", 2)
    with torch.no_grad():
        rnn.weight_hh_l0.mul_(0.5)
    chain = chain_of(rnn, torch.zeros(1, 3000, 3))
    matrices = [getattr(rnn, f"weight_hh_l{i}").detach() for i in range(2)]
    radii = [math.log(float(torch.linalg.eigvals(matrix).abs().max())) for matrix in matrices]
    assert radii[1] > radii[0] + 0.3
    found = [exponents.of_network(chain.alone(i))[0] for i in range(2)]
    # a complex pair makes the growth oscillate: over n steps its mean is off by about ln(condition)/n ~ 1e-3
    assert [one.value for one in found] == pytest.approx(radii, abs=3e-3)
    assert exponents.of_network(chain)[0].value == pytest.approx(max(radii), abs=3e-3)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("layers", [1, 2])
def test_a_layers_exponent_is_the_engines(kind, layers):
    chain = chain_of(module(kind, layers), inputs(1, 600))
    for index, link in enumerate(chain.links):
        one = exponents.of_network(chain.alone(index))[0]
        other = lyapunov(link.own, count=1, burn_in=60)
        # two starting directions; after the burn-in what is left of their angle is spread over 540 steps
        assert one.value == pytest.approx(float(other.value), abs=2e-3)
        assert one.error == pytest.approx(float(other.error), rel=0.2)
        assert one.steps == other.steps == 540


def test_a_networks_growth_is_that_of_its_norm_far_back():
    chain = chain_of(module("lstm", 2), inputs(1, 400))
    norm = whole.window(chain, 400, 360).norms["norm"][-1]
    # over the same 360 steps the norm and one column's growth differ by a factor of order 1: some 3 nats / 360
    assert norm * math.log(10) / 360 == pytest.approx(exponents.of_network(chain)[0].value, abs=0.01)


def test_a_dead_network_has_an_exponent_of_minus_infinity():
    rnn = module("relu")
    with torch.no_grad():
        rnn.bias_ih_l0.fill_(-100.0)
    chain = chain_of(rnn, inputs(1, 60))
    assert exponents.of_network(chain)[0].value == -math.inf
    assert exponents.together(exponents.of_network(chain) * 2).value == -math.inf


def test_several_sequences_are_averaged_and_their_spread_counts():
    far = [Exponent(0.0, 0.01, 0.0, 100), Exponent(1.0, 0.01, 0.2, 100)]
    found = exponents.together(far)
    assert (found.value, found.drift, found.steps) == (0.5, 0.1, 200)
    assert found.error == pytest.approx(0.5)  # std 0.707 over root 2
    near = exponents.together([Exponent(0.1, 0.3, 0.0, 100), Exponent(0.1, 0.4, 0.0, 100)])
    assert near.error == pytest.approx(0.25)  # √(0.3² + 0.4²) / 2


def test_what_an_exponent_means():
    falls = Exponent(-0.02, 0.001, 0.01, 100)
    assert (falls.memory, falls.settled) == (50.0, False)
    assert Exponent(-0.02, 0.001, 0.003, 100).settled
    assert Exponent(0.1, 0.0, 0.0, 10).memory == math.inf
    assert exponents.enough(exponents.fewest())
    assert not exponents.enough(exponents.fewest() - 1)


@pytest.mark.parametrize("kind", KINDS)
def test_rows_by_hops_are_the_engines_hop_norms(kind):
    """With the identity for directions the rows are G^(r) itself, whose exact norms the engine has by another route."""
    chain = chain_of(module(kind), inputs(1))
    engine = lag_profile(chain.links[0].own, [12], 6, hops=6)
    rows = {0: Scaled.of(torch.eye(chain.sizes[0], dtype=torch.float64)[None, None])}
    for lag in range(1, 7):
        rows = hops.one_lag(chain, 12 - lag, rows)
        found = torch.logsumexp(hops.log_squares(rows)[:, 0] * math.log(10), -1) / (2 * math.log(10))
        exact = torch.stack([engine[f"hop_{r}"][lag - 1, 0, 0] for r in range(lag + 1)])
        torch.testing.assert_close(found, exact, rtol=0, atol=1e-10)


@pytest.mark.parametrize("kind", KINDS)
def test_hops_of_a_stack_sum_to_the_whole_and_none_is_the_carry(kind):
    chain = chain_of(module(kind, 2), inputs(1))
    exact = whole.window(chain, 12, 5).norms
    rows = {
        layer: Scaled.of(torch.eye(sum(chain.sizes), dtype=torch.float64)[None, None].split(chain.sizes, -1)[layer])
        for layer in range(2)
    }
    for lag in range(1, 6):
        rows = hops.one_lag(chain, 12 - lag, rows)
    total = sum(
        float((part.mantissa * 2.0 ** part.exponent[..., None, None]).sum(0).square().sum()) for part in rows.values()
    )
    assert math.sqrt(total) == pytest.approx(10 ** exact["norm"][-1], rel=1e-10)
    carry = [part.mantissa[0] * 2.0 ** part.exponent[0] for part in rows.values()]
    size = math.sqrt(sum(float(part.square().sum()) for part in carry))
    assert size == pytest.approx(10 ** exact["carry"][-1], rel=1e-10)


def test_the_sampled_shares_are_those_of_the_exact_norms():
    chain = chain_of(module("lstm", hidden=12), inputs(1, 40))
    engine = lag_profile(chain.links[0].own, [40], 20, hops=20)
    exact = torch.stack([10 ** (2 * engine[f"hop_{r}"][-1, 0, 0]) for r in range(21)])
    exact = exact / exact.sum()
    found = hops.hops(chain, 40, (20,), directions=64)[20]
    assert float(found.share.sum()) == pytest.approx(1)
    mean = float((exact * torch.arange(21)).sum())
    assert abs(found.mean - mean) < 4 * found.error < 1.5  # four standard errors, and the error says something
    assert float((found.share - exact).abs().max()) < 0.1


@pytest.mark.parametrize("layers", [1, 2])
def test_a_simple_network_passes_a_matrix_at_every_step(layers):
    """In one layer all paths of lag k have k hops; climbing takes no step of its own, so in two layers as well."""
    found = hops.hops(chain_of(module("tanh", layers), inputs(1)), 12, (1, 7))
    assert found[7].mean == pytest.approx(7)
    assert float(found[7].share[7]) == pytest.approx(1)
    assert found[1].error == pytest.approx(0, abs=1e-12)


def test_hops_of_nothing_are_unknown():
    rnn = module("relu")
    with torch.no_grad():
        rnn.bias_ih_l0.fill_(-100.0)
    assert math.isnan(hops.hops(chain_of(rnn, inputs(1)), 12, (3,))[3].mean)


def test_half_lives_follow_the_forget_gates():
    rnn = module("lstm")
    with torch.no_grad():
        rnn.weight_hh_l0.zero_()
        rnn.weight_ih_l0.zero_()
        rnn.bias_ih_l0[5:10] = torch.tensor([-3.0, 0.0, 2.0, 5.0, 40.0])
        rnn.bias_hh_l0.zero_()
    own = chain_of(rnn, inputs(1)).links[0].own
    carry = units.carry_of_units(own)
    expected = torch.sigmoid(torch.tensor([-3.0, 0.0, 2.0, 5.0, 40.0]))
    torch.testing.assert_close(carry[3, 0], expected)
    lives = units.half_lives(carry[:, 0])
    torch.testing.assert_close(lives[:4], math.log(2) / -expected[:4].log())
    assert lives[4] == math.inf  # σ(40) is 1 in float64


def test_a_simple_network_has_no_unit_that_carries_and_a_rotation_has_its_radius():
    assert units.carry_of_units(chain_of(module("tanh"), inputs(1)).links[0].own) is None
    weights = one_model(random_weights(cells.load("lru"), 4, features=3), 0)
    network = from_tensors({key: value for key, value in weights.items() if value.numel()}, cell="lru")
    chain = chains(network, trajectories(network, inputs(1)))[0]
    radius = (-weights["nu"][0].exp()).exp()
    torch.testing.assert_close(units.carry_of_units(chain.links[0].own)[5, 0], radius)


def test_of_two_parts_that_feed_each_other_the_one_that_keeps_longer_counts():
    """A trace m' = .9 m + .1 h that is read again, h' = .5 h + .2 m: what is left goes with the larger eigenvalue."""
    block = {("h", "h"): 0.5, ("h", "m"): 0.2, ("m", "h"): 0.1, ("m", "m"): 0.9}
    carry = {key: torch.full((400, 1, 1), value, dtype=torch.float64) for key, value in block.items()}
    own = Factors(("h", "m"), (), carry, {}, torch.zeros(1, 0, 1, 1, dtype=torch.float64))
    largest = (1.4 + math.sqrt(1.4**2 - 4 * (0.5 * 0.9 - 0.2 * 0.1))) / 2
    found = units.carry_of_units(own)
    assert float(found[-1]) == pytest.approx(largest, rel=1e-12)
    # The start, where the other direction still counts, is a few of the 400 steps.
    assert float(units.half_lives(found[:, 0])) == pytest.approx(math.log(2) / -math.log(largest), rel=0.02)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("scale", [0.5, 3.0])
def test_bounds_hold_at_every_lag(kind, scale):
    rnn = module(kind)
    with torch.no_grad():
        rnn.weight_hh_l0.mul_(scale)
    chain = chain_of(rnn, inputs(1))
    found = whole.window(chain, 12, 10, spectra=tuple(range(1, 11))).singular
    promised = bounds.bound(chain.links[0].own, 12, 10)
    layer = from_module(rnn).layers[0]
    norm = bounds.step_bound(layer)
    assert (norm is None) == (kind in ("lstm", "gru"))
    for lag in range(1, 11):
        largest = float(found[1, lag][0])
        assert math.isnan(largest) or largest <= promised[lag - 1] + 1e-12
        if norm is not None:
            assert norm == pytest.approx(float(torch.linalg.svdvals(rnn.weight_hh_l0.detach())[0]))
            assert promised[lag - 1] <= lag * math.log10(norm) + 1e-12


def test_the_bound_is_met_where_nothing_is_lost():
    """At rest and with an orthogonal matrix every norm is 1, the bound and the truth."""
    rnn = silent("tanh")
    with torch.no_grad():
        torch.nn.init.orthogonal_(rnn.weight_hh_l0, generator=torch.Generator().manual_seed(0))
    assert bounds.bound(chain_of(rnn, torch.zeros(1, 12, 3)).links[0].own, 12, 12) == pytest.approx(
        [0.0] * 12, abs=1e-12
    )


def test_a_bound_of_zero_is_said():
    rnn = module("relu")
    with torch.no_grad():
        rnn.bias_ih_l0.fill_(-100.0)
    assert bounds.bound(chain_of(rnn, inputs(1)).links[0].own, 12, 2) == [-math.inf, -math.inf]


def test_the_weights_statistics_are_those_of_the_module():
    lstm, gru = (from_module(module(kind, hidden=50)).layers[0] for kind in ("lstm", "gru"))
    assert theory.gain(lstm) == pytest.approx(3**-0.5, rel=0.03)  # U(-1/√H, 1/√H): standard deviation 1/√(3 H)
    rnn = module("gru", hidden=50)
    torch.testing.assert_close(theory.forget_bias(gru), (rnn.bias_ih_l0 + rnn.bias_hh_l0)[50:100].detach())
    rnn = module("lstm", hidden=50)
    torch.testing.assert_close(theory.forget_bias(lstm), (rnn.bias_ih_l0 + rnn.bias_hh_l0)[50:100].detach())
    assert theory.forget_bias(from_module(module("tanh")).layers[0]) is None


@pytest.mark.parametrize("kind", ["tanh", "lstm", "gru"])
def test_the_mean_field_meets_large_random_networks(kind):
    """With Gaussian weights paths do not add up; 300 units, 1024 sampled ones: errors of some hundredths of a nat."""
    rnn = module(kind, hidden=300)
    with torch.no_grad():
        rnn.weight_hh_l0.normal_(0, 300**-0.5, generator=torch.Generator().manual_seed(1))
        rnn.bias_ih_l0.zero_()
        rnn.bias_hh_l0.zero_()
    network, data = from_module(rnn), inputs(1, 150)
    chain = chains(network, trajectories(network, data))[0]
    found = theory.predictions(network.layers[0], chain.links[0].own, data[0])
    assert found["mean_field"] == pytest.approx(found["incoherent"], abs=0.08)


def test_the_mean_field_is_that_of_the_layers_own_constants():
    """Not of those that the cell declares: a leak of 0.6 forgets faster than one of 0.1."""
    given = {key: value[0] for key, value in random_weights(cells.load("leaky"), 200, models=1, features=3).items()}
    given |= {"alpha": torch.tensor([0.6], dtype=torch.float64), "b": torch.zeros(1, 200, dtype=torch.float64)}
    network, data = from_tensors(given, cell="leaky"), inputs(1, 150)
    chain = chains(network, trajectories(network, data))[0]
    found = theory.predictions(network.layers[0], chain.links[0].own, data[0])
    assert found["mean_field"] == pytest.approx(found["incoherent"], abs=0.08)


def test_a_network_without_recurrent_matrices_has_no_mean_field():
    weights = one_model(random_weights(cells.load("mingru"), 4, features=3), 0)
    layer = from_tensors({key: value for key, value in weights.items() if value.numel()}, cell="mingru").layers[0]
    assert math.isnan(theory.mean_field(layer, inputs(1)[0]))
