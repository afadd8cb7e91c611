"""A network at its start is told from a trained one by its weights alone."""

import pytest
import torch
from torch import nn

from whylstm.diagnosis.modules import from_module
from whylstm.diagnosis.start import START, TRAINED, UNKNOWN, stage

KINDS = [nn.RNN, nn.GRU, nn.LSTM]


def made(kind, hidden=64, start=None):
    torch.manual_seed(hidden)
    module = kind(4, hidden, 2)
    for name, weight in module.named_parameters():
        if start is not None and "weight_hh" in name:
            start(weight)
    return module


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "start", [None, nn.init.orthogonal_, nn.init.xavier_uniform_, lambda w: nn.init.normal_(w, std=0.1)]
)
def test_initialisations_are_known(kind, start):
    assert stage(from_module(made(kind, start=start))) == START


@pytest.mark.parametrize("kind", KINDS)
def test_a_few_updates_are_seen(kind):
    module, data = made(kind), torch.randn(20, 8, 4, generator=torch.Generator().manual_seed(0))
    optimiser = torch.optim.Adam(module.parameters(), 1e-3)
    for _ in range(20):
        optimiser.zero_grad()
        (module(data)[0][-1].sum(1) - data.sum((0, 2))).square().mean().backward()
        optimiser.step()
    assert stage(from_module(module)) == TRAINED


def test_chrono_and_a_forget_bias_are_still_a_start():
    module = made(nn.LSTM)
    with torch.no_grad():
        module.bias_ih_l0[64:128] += 3
        module.bias_ih_l1[64:128] = torch.log(torch.rand(64) * 98 + 1)
        module.bias_ih_l1[:64] = -module.bias_ih_l1[64:128]
    assert stage(from_module(module)) == START


def test_too_few_weights_say_nothing():
    assert stage(from_module(made(nn.RNN, hidden=4))) == UNKNOWN
