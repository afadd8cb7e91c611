"""The whole network's lag Jacobian against torch's automatic differentiation of torch's own layers, in float64.

Both sides compute the same products in another order. Over a dozen steps rounding grows to some 1e-14 of the largest
entry; 1e-10 leaves room for that and for nothing else.
"""

from __future__ import annotations

import math

import pytest
import torch

from tests.diagnosis.users import KINDS, inputs, module, torch_input_gradient, torch_jacobian
from whylstm.diagnosis import whole
from whylstm.diagnosis.chain import back, chains, hop, own_step, through, trajectories
from whylstm.diagnosis.modules import from_module
from whylstm.gradients.lag_profile import lag_profile
from whylstm.gradients.scaled import Scaled
from whylstm.gradients.spectrum import spectrum

END, LAGS = 11, 8


@pytest.fixture(params=[(kind, layers) for kind in KINDS for layers in (1, 2, 3)], ids=str)
def case(request):
    """A layer of torch, our chain along its second sequence, and that sequence."""
    rnn = module(*request.param)
    network = from_module(rnn)
    data = inputs()
    return rnn, chains(network, trajectories(network, data))[1], data[1]


def product(chain, end, lags):
    """Return G_{t,k} of the whole state, (S, S)."""
    total = whole.identity(chain)
    for lag in range(1, lags + 1):
        total = {top: back(chain, end - lag, rows) for top, rows in total.items()}
    scaled = whole.assembled(total)
    return scaled.mantissa[0] * 2.0 ** scaled.exponent[0]


@pytest.mark.parametrize(("end", "lag"), [(END, 1), (END, LAGS), (12, 12)])
def test_the_lag_jacobian_is_torchs(case, end, lag):
    rnn, chain, sequence = case
    theirs = torch_jacobian(rnn, sequence, end, lag)
    torch.testing.assert_close(product(chain, end, lag), theirs, rtol=0, atol=1e-10 * float(theirs.abs().max()))


def test_norms_of_the_whole_and_of_every_block_are_torchs(case):
    rnn, chain, sequence = case
    found = whole.window(chain, END, LAGS).norms
    theirs = torch_jacobian(rnn, sequence, END, LAGS)
    assert found["norm"][-1] == pytest.approx(math.log10(float(theirs.norm())), abs=1e-9)
    size = chain.sizes[0]
    for j in range(len(chain.sizes)):
        for i in range(j + 1):
            block = theirs[j * size : (j + 1) * size, i * size : (i + 1) * size]
            assert found[f"layer_{i + 1}_to_{j + 1}"][-1] == pytest.approx(math.log10(float(block.norm())), abs=1e-9)


def test_the_gradient_of_the_output_by_the_inputs_is_torchs_at_every_lag(case):
    rnn, chain, sequence = case
    ours = 10.0 ** torch.tensor(whole.window(chain, END, END).inputs)
    torch.testing.assert_close(ours, torch_input_gradient(rnn, sequence, END), rtol=1e-9, atol=0)


def test_diagonal_blocks_are_the_layers_own_profiles_by_the_compiled_route(case):
    _, chain, _ = case
    found = whole.window(chain, END, LAGS).norms
    for layer, link in enumerate(chain.links):
        engine = lag_profile(link.own, [END], LAGS, hops=2)
        ours = torch.tensor(found[f"layer_{layer + 1}_to_{layer + 1}"])
        torch.testing.assert_close(ours, engine["norm"][:, 0, 0], rtol=0, atol=1e-10)
        carry = torch.tensor(found[f"carry_{layer + 1}_to_{layer + 1}"])
        torch.testing.assert_close(carry, engine["hop_0"][:, 0, 0], rtol=0, atol=1e-10)


def test_singular_values_are_those_of_torchs_jacobian_and_of_the_engine(case):
    rnn, chain, sequence = case
    found = whole.window(chain, END, LAGS, spectra=(LAGS,)).singular
    theirs = torch.linalg.svdvals(torch_jacobian(rnn, sequence, END, LAGS))
    told = torch.isfinite(found[0, LAGS])
    assert told[0]
    # an SVD errs by 1e-16 of the largest value: 1e-5 of one that is 1e-10 of it
    torch.testing.assert_close(10 ** found[0, LAGS][told], theirs[told], rtol=1e-4, atol=0)
    own = spectrum(chain.links[-1].own, END, LAGS).log[0] / math.log(10)
    last = found[len(chain.links), LAGS]
    clear = last > last[0] - 6
    torch.testing.assert_close(last[clear], own[clear], rtol=0, atol=1e-8)


def test_carry_is_what_is_left_without_recurrent_matrices(case):
    """Set every U to zero but keep the trajectory's diagonals: the whole product is then the carry alone."""
    _, chain, _ = case
    found = whole.window(chain, END, LAGS).norms
    for link in chain.links:
        for value in link.own.mix.values():
            value.zero_()
    without = whole.window(chain, END, LAGS).norms
    assert without["norm"] == pytest.approx(found["carry"], abs=1e-10)


def test_one_step_is_carry_and_hop_together(case):
    _, chain, _ = case
    link = chain.links[0]
    rows = Scaled.of(torch.eye(chain.sizes[0], dtype=torch.float64)[None])
    whole_step = own_step(link, 4, rows)
    parts = own_step(link, 4, rows, recurrent=False) + hop(link, 4, rows)
    assert float((whole_step - parts).log10_norm()) < float(whole_step.log10_norm()) - 14


def test_few_rows_and_many_rows_go_the_same_way(case):
    """``through`` multiplies by the assembled matrix or by each one: the same sums in another order."""
    _, chain, _ = case
    link = chain.links[-1]
    diagonals = {key: value[3] for key, value in link.climb.items()}
    rows = torch.randn(1, 20, chain.sizes[-1], generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    many = through(rows, link.own.parts, diagonals, link.gates, link.matrices)
    few = torch.cat(
        [through(row[None, None], link.own.parts, diagonals, link.gates, link.matrices) for row in rows[0]], 1
    )
    torch.testing.assert_close(many, few, rtol=1e-12, atol=1e-14)


def test_a_block_that_is_a_thousand_decades_smaller_is_not_lost():
    """Layer 1 forgets at once (f = 1e-3), layer 2 keeps (f near 1): after 400 steps they are 1,200 decades apart."""
    rnn = module("lstm", 2)
    hidden = rnn.hidden_size
    with torch.no_grad():
        for layer, bias in enumerate((-7.0, 7.0)):
            getattr(rnn, f"weight_hh_l{layer}").zero_()
            getattr(rnn, f"weight_ih_l{layer}").mul_(0.1)
            getattr(rnn, f"bias_ih_l{layer}")[hidden : 2 * hidden] = bias
            getattr(rnn, f"bias_hh_l{layer}").zero_()
    network = from_module(rnn)
    chain = chains(network, trajectories(network, inputs(1, 400)))[0]
    found = whole.window(chain, 400, 400).norms
    kept = chain.links[0].own.carry["c", "c"][:, 0].log10().sum(0)
    # U = 0: the block C to C is the product of the forget gates, that of C to h is smaller by d < 1, exactly known
    exposed = chain.links[0].own.exposed[-1, 0]
    exact = 0.5 * torch.log10(((10 ** (kept - kept.max())) ** 2 * (1 + exposed**2)).sum()) + kept.max()
    assert found["layer_1_to_1"][-1] == pytest.approx(float(exact), abs=1e-9)
    assert found["layer_2_to_2"][-1] > -2
    assert found["layer_1_to_1"][-1] < -1000


def test_a_window_must_lie_inside_the_sequence(case):
    _, chain, _ = case
    with pytest.raises(ValueError, match="end 13 and lags 3"):
        whole.window(chain, 13, 3)
    with pytest.raises(ValueError, match="end 4 and lags 5"):
        whole.window(chain, 4, 5)
