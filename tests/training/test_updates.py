"""Fifty updates of single models of an ensemble against a plain loop of torch.nn and torch.optim, in float64."""

import itertools
from collections.abc import Callable

import numpy as np
import pytest
import torch

from tests.training import models
from whylstm import tasks
from whylstm.training import loop, optimisers
from whylstm.training.ensemble import Member
from whylstm.training.evaluate import Examination
from whylstm.training.plan import Plan
from whylstm.training.supply import Supply

HIDDEN, COUNT, LENGTH, UPDATES, SEED = 6, 5, 12, 50, 9
NETS = {"lstm": torch.nn.LSTM, "gru": torch.nn.GRU, "tanh": torch.nn.RNN}
Peer = Callable[[list[torch.nn.Parameter], float], torch.optim.Optimizer]

PEERS = {
    "sgd": lambda parameters, rate: torch.optim.SGD(parameters, lr=rate),
    "momentum": lambda parameters, rate: torch.optim.SGD(parameters, lr=rate, momentum=0.9),
    "rmsprop": lambda parameters, rate: torch.optim.RMSprop(parameters, lr=rate),
    "adam": lambda parameters, rate: torch.optim.Adam(parameters, lr=rate),
}
RATES = {"sgd": 0.1, "momentum": 0.01, "rmsprop": 0.01, "adam": 0.01}
ARMS = {
    "plain": {},
    "norm": {"clip_norm": 0.05},
    "value": {"clip_value": 0.01},
    "both": {"clip_value": 0.01, "clip_norm": 0.03},
}


def plan(optimiser: str, task: str, **fields) -> Plan:
    return Plan(SEED, task, (LENGTH, LENGTH), optimiser, COUNT, UPDATES, Examination(every=10**6), record=1, **fields)


def settings(optimiser: str) -> list[Member]:
    """All arms in one ensemble, with two replicates and a learning rate of each model's own."""
    crossing = enumerate(itertools.product(ARMS.items(), (0, 1)))
    return [
        Member(f"{arm}-{replicate}", replicate, RATES[optimiser] * 0.9**number, **fields)
        for number, ((arm, fields), replicate) in crossing
    ]


def torch_model(ensemble, place: int, task: str):
    """One model as torch modules. Torch's second bias stays zero and out of it where our cell has a single one."""
    cell = ensemble.cell
    weights = {name: value[place].clone() for name, value in ensemble.weights.items()}
    net = NETS[cell.name](tasks.load(task).features, HIDDEN, batch_first=True)
    read = torch.nn.Linear(HIDDEN, tasks.load(task).outputs)
    values = [weights["W"].flatten(0, 1), weights["U"].flatten(0, 1), weights["b"].flatten()]
    values.append(weights["c"].flatten() if cell.recurrent_bias else torch.zeros_like(values[2]))
    with torch.no_grad():
        for parameter, value in zip(net.parameters(), values, strict=True):
            parameter.copy_(value)
        read.weight.copy_(weights["V"])
        read.bias.copy_(weights["v"])
    net.bias_hh_l0.requires_grad_(cell.recurrent_bias)
    return net, read


def torch_losses(ensemble, place: int, task: str, peer_of: Peer) -> list[float]:
    """The losses of one model in a plain torch loop."""
    member, part = ensemble.members[place], tasks.load(task)
    net, read = torch_model(ensemble, place, task)
    parameters = [parameter for parameter in (*net.parameters(), *read.parameters()) if parameter.requires_grad]
    peer, supply = peer_of(parameters, member.rate), Supply(SEED, part, (LENGTH, LENGTH), COUNT, torch.float64)
    criterion = torch.nn.functional.cross_entropy if part.kind == "classification" else torch.nn.functional.mse_loss
    found = []
    for update in range(1, UPDATES + 1):
        sequences = supply.at(update, (member,))
        loss = criterion(read(net(sequences.inputs[0])[0][:, -1]), sequences.targets[0, :, 0])
        peer.zero_grad()
        loss.backward()
        if member.clip_value is not None:
            torch.nn.utils.clip_grad_value_(parameters, member.clip_value)
        if member.clip_norm is not None:
            torch.nn.utils.clip_grad_norm_(parameters, member.clip_norm)
        peer.step()
        found.append(float(loss.detach()))
    return found


@pytest.mark.parametrize(("cell", "task"), [("lstm", "temporal_order"), ("gru", "adding"), ("tanh", "temporal_order")])
@pytest.mark.parametrize("optimiser", optimisers.names())
def test_the_losses_are_those_of_torch(optimiser, cell, task):
    ensemble = models.ensemble(cell, task, settings(optimiser), HIDDEN)
    run = loop.train(ensemble, plan(optimiser, task))
    for place in range(0, ensemble.size, 3):
        mine = [row["loss"] for row in run.history if row["model"] == ensemble.members[place].name]
        # Rounding, 1e-16 an operation, grows along 50 updates. Adam and RMSprop divide by the gradient's size, and so
        # enlarge the relative error of its smallest numbers; a wrong constant would show from the second loss on.
        np.testing.assert_allclose(mine, torch_losses(ensemble, place, task, PEERS[optimiser]), rtol=1e-8)


@pytest.mark.parametrize(
    ("optimiser", "options", "peer_of"),
    [
        ("rmsprop", {"alpha": 0.9}, lambda parameters, rate: torch.optim.RMSprop(parameters, lr=rate, alpha=0.9)),
        ("momentum", {"momentum": 0.5}, lambda parameters, rate: torch.optim.SGD(parameters, lr=rate, momentum=0.5)),
        (
            "adam",
            {"beta_1": 0.5, "beta_2": 0.9, "epsilon": 1e-3},
            lambda parameters, rate: torch.optim.Adam(parameters, lr=rate, betas=(0.5, 0.9), eps=1e-3),
        ),
    ],
)
def test_constants_of_an_optimiser_are_those_of_torch(optimiser, options, peer_of):
    ensemble = models.ensemble("lstm", "adding", settings(optimiser), HIDDEN)
    run = loop.train(ensemble, plan(optimiser, "adding", options=options))
    mine = [row["loss"] for row in run.history if row["model"] == ensemble.members[0].name]
    theirs, plain = (torch_losses(ensemble, 0, "adding", peer) for peer in (peer_of, PEERS[optimiser]))
    np.testing.assert_allclose(mine, theirs, rtol=1e-8)
    assert abs(np.array(theirs) / plain - 1).max() > 1e-3  # so that they can be told from the defaults


@pytest.mark.parametrize("optimiser", optimisers.names())
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_training_is_the_same_in_any_company(optimiser, dtype):
    chosen = settings(optimiser)[:5]
    whole = models.ensemble("gru", "temporal_order", chosen, 7, dtype)
    together = loop.train(whole, plan(optimiser, "temporal_order"))
    for places in ([2], [4, 1]):
        part = loop.train(whole.take(places), plan(optimiser, "temporal_order"))
        for name, row in part.final.items():
            assert torch.equal(row, together.final[name])


def test_no_row_is_left_as_it_was():
    """A guard for the tests above: fifty updates move every tensor of every model."""
    ensemble = models.ensemble("lstm", "temporal_order", settings("sgd"), HIDDEN)
    run = loop.train(ensemble, plan("sgd", "temporal_order"))
    for place, member in enumerate(ensemble.members):
        moved = ensemble.layout.views((run.final[member.name] - ensemble.rows[place])[None])
        assert all(float(value.abs().max()) > 1e-6 for value in moved.values())


def test_no_peer_is_missing():
    assert set(PEERS) == set(optimisers.names())
