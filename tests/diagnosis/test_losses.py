"""The user's own loss: gradients by lag and truncations, held against automatic differentiation (float64, rounding)."""

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from tests.diagnosis.test_loops import looped
from whylstm.diagnosis.observation import by_lag, observe, truncation
from whylstm.errors import StudyError

STEPS, SEQUENCES = 12, 5


class Model(nn.Module):
    """Reads packed or padded sequences; the loss may read every output or the last state."""

    def __init__(self, recurrent, packed=False):
        super().__init__()
        self.rnn, self.packed = recurrent, packed
        both = 2 if recurrent.bidirectional else 1
        self.head = nn.Linear((recurrent.proj_size or recurrent.hidden_size) * both, 1)

    def forward(self, x, lengths):
        if self.packed:
            x = pack_padded_sequence(x, lengths, enforce_sorted=False, batch_first=self.rnn.batch_first)
        out, last = self.rnn(x)
        if self.packed:
            out, _ = pad_packed_sequence(out, batch_first=self.rnn.batch_first)
        last = last[0] if isinstance(last, tuple) else last
        return self.head(out), last


def data():
    draw = torch.Generator().manual_seed(2)
    return torch.randn(STEPS, SEQUENCES, 3, dtype=torch.float64, generator=draw), torch.tensor([12, 7, 9, 12, 5])


def every_step(outputs, batch):
    return outputs[0].square().mean() + outputs[0].sin().sum()


def last_state(outputs, batch):
    return outputs[1][-1].square().sum()


CASES = {
    "lstm": (lambda: nn.LSTM(3, 4, 2), False),
    "packed lstm": (lambda: nn.LSTM(3, 4, 2), True),
    "projected": (lambda: nn.LSTM(3, 4, 2, proj_size=3), False),
    "packed gru": (lambda: nn.GRU(3, 4, 2), True),
    "gru without biases": (lambda: nn.GRU(3, 4, 1, bias=False), False),
    "rnn": (lambda: nn.RNN(3, 4, 2), False),
    "bidirectional": (lambda: nn.LSTM(3, 4, 2, bidirectional=True), False),
    "packed bidirectional": (lambda: nn.GRU(3, 4, 2, bidirectional=True), True),
}


def made(name):
    torch.manual_seed(len(name))
    recurrent, packed = CASES[name]
    return Model(recurrent(), packed).double()


def own_weights(model, part):
    """The weights of a part, in the module's names."""
    names = []
    for layer in range(len(part.stack.runs)):
        tail = f"_l{layer + part.place.layer}{'_reverse' if part.place.way else ''}"
        kinds = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        names += [f"{kind}{tail}" for kind in kinds if hasattr(model.rnn, kind + tail)]
    return [getattr(model.rnn, name) for name in names]


@pytest.mark.parametrize("loss", [every_step, last_state])
@pytest.mark.parametrize("name", CASES)
def test_lags_sum_to_autograds_gradient(name, loss):
    model, batch = made(name), data()
    seen = observe(model, batch, loss=loss)
    for part in seen.parts:
        if loss is last_state and (part.place.layer, part.place.way) == (1, 0) and model.rnn.bidirectional:
            assert by_lag(seen, part).whole == 0  # this loss does not read the forward direction of the top layer
            continue
        found = by_lag(seen, part)
        gradient = torch.autograd.grad(seen.loss, own_weights(model, part), retain_graph=True)
        norm = float(torch.cat([one.flatten() for one in gradient]).norm())
        assert found.whole == pytest.approx(norm, rel=1e-10)
        assert float(found.share.sum()) == pytest.approx(1.0, rel=1e-9)


@pytest.mark.parametrize("name", ["lstm", "projected", "packed gru", "rnn"])
def test_the_lags_are_those_of_the_state_with_nothing_else_in_between(name):
    """Σ_{k<K} g_k for a loss of the last state is what a run cut K steps before its end gives."""
    model, (x, _) = made(name), data()
    model.packed = False
    lengths = torch.full((SEQUENCES,), STEPS)
    seen = observe(model, (x, lengths), loss=last_state)
    (part,) = seen.parts
    found = by_lag(seen, part)
    full = torch.cat(
        [one.flatten() for one in torch.autograd.grad(seen.loss, own_weights(model, part), retain_graph=True)]
    )
    for k in (1, 3, 7):
        _, state = model.rnn(x[: STEPS - k])
        state = tuple(one.detach() for one in state) if isinstance(state, tuple) else state.detach()
        _, last = model.rnn(x[STEPS - k :], state)
        last = last[0] if isinstance(last, tuple) else last
        cut = torch.cat(
            [one.flatten() for one in torch.autograd.grad(last_state((None, last), None), own_weights(model, part))]
        )
        assert float(found.share[:k].sum()) == pytest.approx(float(cut @ full / (full @ full)), rel=1e-9)
        table = truncation(seen, part, (k,))
        assert table.cosine.value[0] == pytest.approx(float(cut @ full / (cut.norm() * full.norm())), rel=1e-9)
        assert table.norm[0] == pytest.approx(float(cut.norm() / full.norm()), rel=1e-9)


@pytest.mark.parametrize("name", ["lstm", "rnn"])
def test_gradients_by_states_and_inputs_are_autograds(name):
    model, (x, _) = made(name), data()
    seen = observe(model, (x, torch.full((SEQUENCES,), STEPS)), loss=last_state)
    found = by_lag(seen, seen.parts[0])
    for k in (1, 4, 9):
        _, state = model.rnn(x[: STEPS - k])
        parts = [one.detach().requires_grad_() for one in (state if isinstance(state, tuple) else (state,))]
        _, last = model.rnn(x[STEPS - k :], tuple(parts) if len(parts) > 1 else parts[0])
        last = last[0] if isinstance(last, tuple) else last
        by_part = torch.autograd.grad(last_state((None, last), None), parts)
        for layer in range(2):
            truth = float(torch.cat([one[layer].flatten() for one in by_part]).norm())
            assert found.state[k, layer] == pytest.approx(truth, rel=1e-9)
    live = x.clone().requires_grad_()
    _, last = model.rnn(live)
    value = last_state((None, last[0] if isinstance(last, tuple) else last), None)
    (by_input,) = torch.autograd.grad(value, live)
    truth = by_input.flip(0).flatten(1).norm(dim=1).numpy()
    np.testing.assert_allclose(found.inputs, truth, rtol=1e-9)


def chunked(model, x, k):
    """The gradient of a training loop over chunks of K steps, the state detached between them."""
    state, outputs = None, []
    for piece in x.split(k):
        out, state = model.rnn(piece, state)
        state = tuple(one.detach() for one in state) if isinstance(state, tuple) else state.detach()
        outputs.append(model.head(out))
    return every_step((torch.cat(outputs),), None)


@pytest.mark.parametrize("name", ["lstm", "gru without biases", "rnn"])
def test_truncation_is_what_a_loop_over_detached_chunks_gives(name):
    model, (x, lengths) = made(name), data()
    seen = observe(model, (x, lengths), loss=every_step)
    (part,) = seen.parts
    found = truncation(seen, part, (1, 2, 3, 4, 6))
    weights = own_weights(model, part)
    full = torch.cat([one.flatten() for one in torch.autograd.grad(seen.loss, weights, retain_graph=True)])
    for place, k in enumerate(found.steps.tolist()):
        cut = torch.cat([one.flatten() for one in torch.autograd.grad(chunked(model, x, k), weights)])
        assert found.cosine.value[place] == pytest.approx(float(cut @ full / (cut.norm() * full.norm())), rel=1e-9)
        assert found.norm[place] == pytest.approx(float(cut.norm() / full.norm()), rel=1e-9)
    assert (found.cosine.low <= found.cosine.value).all()
    assert (found.cosine.value <= found.cosine.high).all()


def test_many_truncations_in_portions_are_those_of_one(monkeypatch):
    from whylstm.diagnosis.observation import losses

    seen = observe(made("packed lstm"), data(), loss=every_step)
    whole = truncation(seen, seen.parts[0], (1, 2, 3, 5))
    monkeypatch.setattr(losses, "ROOM", 1)
    monkeypatch.setattr(losses, "SLAB", 1)
    pieces = truncation(seen, seen.parts[0], (1, 2, 3, 5))
    count = len(pieces.steps)  # no more are tried once two in a row are surely enough
    assert count == 4 or (pieces.cosine.low[-2:] >= 0.99).all()
    np.testing.assert_allclose(whole.cosine.value[:count], pieces.cosine.value, rtol=1e-10)
    np.testing.assert_allclose(whole.cosine.low[:count], pieces.cosine.low, rtol=1e-8)


def test_the_smallest_k_that_is_enough_comes_with_its_interval():
    model, (x, lengths) = made("rnn"), data()
    with torch.no_grad():
        for name, weight in model.rnn.named_parameters():
            if "weight_hh" in name:
                weight.mul_(0.5)  # a gradient that forgets at once needs few steps
    seen = observe(model, (x, lengths), loss=every_step)
    found = truncation(seen, seen.parts[0])
    assert found.enough in (1, 2, 5)
    low, high = found.interval
    assert low <= found.enough <= (high or STEPS)
    place = found.steps.tolist().index(found.enough)
    assert (found.cosine.value[place:] >= 0.99).all()
    assert (found.cosine.value[:place] < 0.99).any()


@pytest.mark.parametrize("between", ["nothing", "LayerNorm"])
def test_a_loops_truncation_cuts_the_state_and_nothing_else(between):
    model = looped("lstm", between)
    x = torch.randn(12, 2, 3, dtype=torch.float64)
    seen = observe(model, x, loss=lambda outputs, _: outputs.square().sum())
    found = truncation(seen, seen.parts[0], (3, 4))
    weights = list(model.cell.parameters())
    full = torch.cat([one.flatten() for one in torch.autograd.grad(seen.loss, weights, retain_graph=True)])
    for place, k in enumerate((3, 4)):
        state, past = model.start(x), []
        for step, now in enumerate(x):
            if step % k == 0:
                state = tuple(one.detach() for one in state)
            state = model.step(now, state, past)
        value = torch.stack([model.out(h) for h in past]).square().sum()
        cut = torch.cat([one.flatten() for one in torch.autograd.grad(value, weights)])
        assert found.cosine.value[place] == pytest.approx(float(cut @ full / (cut.norm() * full.norm())), rel=1e-9)


def test_what_has_no_loss_is_refused():
    model, batch = made("lstm"), data()
    seen = observe(model, batch)
    with pytest.raises(StudyError, match="no loss was given"):
        truncation(seen, seen.parts[0])
    seen = observe(model, batch, loss=lambda outputs, _: model.head.weight.sum())
    with pytest.raises(StudyError, match="the loss does not depend on the state of rnn"):
        by_lag(seen, seen.parts[0])


@pytest.mark.parametrize("name", ["lstm", "packed gru"])
def test_frozen_layers_under_a_head_that_trains_have_the_same_gradient(name):
    model, batch = made(name), data()
    seen = observe(model, batch, loss=every_step)
    wanted = by_lag(seen, seen.parts[0])
    model.rnn.requires_grad_(False)
    seen = observe(model, batch, loss=every_step)
    found = by_lag(seen, seen.parts[0])
    np.testing.assert_allclose(found.norm, wanted.norm, rtol=1e-12)
    model.requires_grad_(False)
    seen = observe(model, batch, loss=every_step)
    assert truncation(seen, seen.parts[0], (3,)).cosine.value[0] > 0
