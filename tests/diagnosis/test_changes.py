"""What is said of a change is what happens: the code that the page gives does to torch's module what was measured."""

from __future__ import annotations

import math

import pytest
import torch

from tests.cases import one_model, random_weights
from tests.diagnosis.users import KINDS, inputs, module
from whylstm import cells
from whylstm.diagnosis import clipping, exponents, plan, what_if, whole
from whylstm.diagnosis.chain import chains, trajectories
from whylstm.diagnosis.changes import worth_trying
from whylstm.diagnosis.modules import from_module
from whylstm.diagnosis.reach import effective_memory
from whylstm.diagnosis.state_dicts import from_tensors


def by_name(network, steps=12):
    return {change.name: change for change in worth_trying(network, steps)}


@pytest.mark.parametrize("kind", KINDS)
def test_the_code_does_to_the_module_what_was_measured(kind):
    for name, change in by_name(from_module(module(kind, 2))).items():
        if name.startswith("chrono"):
            continue  # it draws its own numbers: see below
        rnn = module(kind, 2)
        expected = change.apply(from_module(rnn))
        with torch.no_grad():
            for layer in range(2):
                names = dict(rnn.named_parameters())
                exec(change.code.format(l=layer), {"torch": torch}, names)
        found = from_module(rnn)
        for one, other in zip(found.layers, expected.layers, strict=True):
            for key, value in one.weights.items():
                torch.testing.assert_close(value, other.weights[key], rtol=1e-12, atol=1e-13, msg=f"{name} {key}")


@pytest.mark.parametrize("kind", ["lstm", "gru"])
def test_chrono_spreads_the_forget_biases_and_its_code_does_as_well(kind):
    steps, rnn = 300, module(kind, hidden=400)
    network = from_module(rnn)
    change = by_name(network, steps)[f"chrono, {steps} steps"]
    with torch.no_grad(), torch.random.fork_rng():
        torch.manual_seed(0)
        exec(change.code.format(l=0), {"torch": torch}, dict(rnn.named_parameters()))
    for changed in (change.apply(network), from_module(rnn)):
        layer = changed.layers[0]
        bias = layer.weights["b"][0, layer.cell.gates.index(layer.cell.carry_gate)]
        spread = bias.exp()  # u, uniform between 1 and T-1
        assert 1 <= spread.min() < spread.max() <= steps - 1
        # the mean of 400 uniform numbers: T/2 within four of its standard errors, 298 / √(12 · 400)
        assert float(spread.mean()) == pytest.approx(steps / 2, abs=4 * 298 / math.sqrt(12 * 400))
        if kind == "lstm":
            torch.testing.assert_close(layer.weights["b"][0, layer.cell.gates.index("i")], -bias)
        else:
            assert not layer.weights["c"][0, layer.cell.recurrent_gates.index("z")].any()


def test_a_change_leaves_the_network_as_it_was():
    network = from_module(module("lstm"))
    before = {name: value.clone() for name, value in network.layers[0].weights.items()}
    for change in worth_trying(network, 12):
        change.apply(network)
    assert all(torch.equal(value, network.layers[0].weights[name]) for name, value in before.items())


def test_only_changes_that_the_cell_has_a_place_for_are_tried():
    assert "orthogonal" in by_name(from_module(module("tanh")))
    assert not any("forget" in name for name in by_name(from_module(module("tanh"))))
    assert {"forget bias +1", "chrono, 12 steps", "gain × 0.5"} <= set(by_name(from_module(module("gru"))))
    assert not any("chrono" in name for name in by_name(from_module(module("gru")), steps=2))
    weights = one_model(random_weights(cells.load("lru"), 4), 0)
    assert not worth_trying(from_tensors({k: v for k, v in weights.items() if v.numel()}, cell="lru"), 12)
    weights = one_model(random_weights(cells.load("janet"), 4), 0)
    assert not any(change.code for change in worth_trying(from_tensors(weights, cell="janet"), 12))


def test_a_bias_is_not_changed_by_code_where_the_module_has_none():
    found = by_name(from_module(module("lstm", bias=False)))
    assert found["forget bias +1"].code == found["chrono, 12 steps"].code == ""
    assert found["gain × 0.5"].code


def test_the_orthogonal_change_gives_an_orthogonal_matrix():
    changed = by_name(from_module(module("tanh")))["orthogonal"].apply(from_module(module("tanh")))
    matrix = changed.layers[0].weights["U"][0, 0]
    torch.testing.assert_close(matrix @ matrix.T, torch.eye(5), rtol=0, atol=1e-13)


@pytest.mark.parametrize("kind", ["tanh", "lstm", "gru"])
def test_networks_measured_together_are_as_each_by_itself(kind):
    network = from_module(module(kind, 2))
    networks = [network, *(change.apply(network) for change in worth_trying(network, 30))]
    data = inputs(2, 30)
    together = list(what_if.outcomes(networks, data, 20))
    alone = [next(what_if.outcomes([one], data, 20)) for one in networks]
    for one, other in zip(together, alone, strict=True):
        assert one.memory == other.memory
        assert one.change == pytest.approx(other.change, abs=1e-9)
        assert one.carry == pytest.approx(other.carry, rel=1e-12, nan_ok=True)
        assert one.exponent.value == pytest.approx(other.exponent.value, abs=1e-9)


def test_batches_of_any_size_give_the_same(monkeypatch):
    network, data = from_module(module("lstm")), inputs(1, 30)
    networks = [network, *(change.apply(network) for change in worth_trying(network, 30))]
    at_once = list(what_if.outcomes(networks, data, 20))
    monkeypatch.setattr(what_if, "ROOM", 1)
    one_by_one = list(what_if.outcomes(networks, data, 20))
    assert [one.memory for one in at_once] == [one.memory for one in one_by_one]
    assert [one.change for one in at_once] == pytest.approx([one.change for one in one_by_one], abs=1e-9)


def test_sampled_norms_are_near_the_exact_ones():
    network, data = from_module(module("lstm", 2, hidden=20)), inputs(1, 60)
    chain = chains(network, trajectories(network, data))[0]
    exact = torch.tensor(whole.window(chain, 60, 50).norms["norm"])
    found = what_if.sampled_norms(chain, 50, directions=64)[:, 0]
    # the squared norm of a matrix of rank one varies by √(2/64) = 18%: 0.04 decades; four times that
    assert float((found - exact).abs().max()) < 0.16
    outcome = next(what_if.outcomes([network], data, 50))
    assert abs(outcome.memory - effective_memory(exact.tolist())) <= 1
    assert outcome.exponent == exponents.together(exponents.of_network(chain))


def test_a_change_that_overflows_is_told_and_spoils_no_other():
    rnn = module("relu", hidden=20)
    with torch.no_grad():
        rnn.weight_hh_l0.mul_(10)
    network = from_module(rnn)
    wild = by_name(network)["gain × 2"].apply(network)
    data = inputs(1, 400).abs()
    calm = by_name(network)["orthogonal"].apply(network)
    first, second = what_if.outcomes([wild, calm], data, 10)
    assert first.broken is not None
    assert math.isnan(first.change)
    assert second.broken is None
    alone = next(what_if.outcomes([calm], data, 10))
    assert (second.exponent, second.memory, second.change) == (alone.exponent, alone.memory, alone.change)


@pytest.mark.parametrize("kind", KINDS)
def test_gradient_norms_are_torchs(kind):
    """Torch has two biases that add up in all but the GRU's candidate; ours counts such a pair once."""
    rnn, data = module(kind, 2), inputs(2, 9)
    network = from_module(rnn)
    for place in clipping.gradient_norms(network, data):
        rnn.zero_grad()
        output = rnn(data[place.sequence][None])[0][0, place.end - 1]
        (output @ clipping._direction(5)).backward()
        skip = () if kind == "gru" else ("bias_hh_l0", "bias_hh_l1")
        total = sum(float(p.grad.square().sum()) for name, p in rnn.named_parameters() if name not in skip)
        assert place.log_norm == pytest.approx(0.5 * math.log10(total), abs=1e-10)


def test_places_cover_all_sequences_to_their_ends():
    found = clipping.gradient_norms(from_module(module("gru")), inputs(2, 9))
    assert {place.sequence for place in found} == {0, 1}
    assert {place.end for place in found} == {2, 4, 7, 9}
    assert len(clipping.gradient_norms(from_module(module("gru")), inputs(1, 1))) == 1


def test_room_is_what_the_plan_counts():
    network = from_module(module("lstm", 2))
    assert plan.states(network, steps=100, sequences=3) == 3 * 100 * 10
