"""A model as it is used, looked at while it runs: held against a plain loop of our own and automatic differentiation.

Everything is float64, so that both routes agree to rounding (1e-9 of the largest entry: a hundred products of factors
of order one lose some 1e-14 each).
"""

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.utils import parametrizations
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from whylstm.diagnosis.observation import measure, observe
from whylstm.diagnosis.observation.stack import whole
from whylstm.errors import StudyError

STEPS, SEQUENCES = 9, 3


def plain_step(mode, weights, x, state):
    """One step of one layer in one direction, written from the equations alone; state is (h,) or (h, C)."""
    w = dict(weights)
    drive, kick = x @ w["weight_ih"].T, state[0] @ w["weight_hh"].T
    drive = drive + w.get("bias_ih", 0.0)
    kick = kick + w.get("bias_hh", 0.0)
    if mode == "LSTM":
        i, f, g, o = (drive + kick).chunk(4, -1)
        memory = torch.sigmoid(f) * state[1] + torch.sigmoid(i) * torch.tanh(g)
        h = torch.sigmoid(o) * torch.tanh(memory)
        return (h @ w["weight_hr"].T if "weight_hr" in w else h, memory)
    if mode == "GRU":
        (r, z, n), (kr, kz, kn) = drive.chunk(3, -1), kick.chunk(3, -1)
        z = torch.sigmoid(z + kz)
        return ((1 - z) * torch.tanh(n + torch.sigmoid(r + kr) * kn) + z * state[0],)
    return ((torch.tanh if mode == "RNN_TANH" else torch.relu)(drive + kick),)


def weights(module, layer, tail=""):
    kinds = ("weight_ih", "weight_hh", "bias_ih", "bias_hh", "weight_hr")
    named = {kind: getattr(module, f"{kind}_l{layer}{tail}", None) for kind in kinds}
    return {kind: value.detach() for kind, value in named.items() if value is not None}


def plain_jacobian(module, x, states, start, end, layers=None, tail=""):
    """∂(all layers' states after step ``end``)/∂(those after step ``start``) of one sequence x (T, D)."""
    layers = range(module.num_layers) if layers is None else layers
    sizes = [part.numel() for state in states for part in state]

    def through(flat):
        parts, place = list(flat.split(sizes)), 0
        now = []
        for state in states:
            now.append(tuple(parts[place : place + len(state)]))
            place += len(state)
        for step in range(start, end):
            below = x[step]
            for index, layer in enumerate(layers):
                now[index] = plain_step(module.mode, weights(module, layer, tail), below, now[index])
                below = now[index][0]
        return torch.cat([part for state in now for part in state])

    flat = torch.cat([part for state in states for part in state])
    return torch.autograd.functional.jacobian(through, flat), through(flat)


def rolled(module, x, first, upto, layers=None, tail=""):
    """The states of all layers of one sequence after ``upto`` steps."""
    _, flat = plain_jacobian(module, x, first, 0, upto, layers, tail)
    out, place = [], 0
    for state in first:
        out.append(tuple(flat[place : (place := place + part.numel())] for part in state))
    return out


def measured_jacobian(part, sequence, end, lags):
    """G of a part by taking the identity back."""
    rows = torch.eye(part.size, dtype=torch.float64)[None, :, None].expand(1, -1, part.stack.sequences, -1)
    ends = torch.full((1, part.stack.sequences), end)
    for kept, scale, _ in part.stack.back(rows, ends, lags, whole):
        found = kept * scale.exp()[..., None]
    return found[0, :, sequence]


def agrees(one, other):
    assert float((one - other).abs().max()) <= 1e-9 * max(1.0, float(other.abs().max()))


MODULES = {
    "lstm": lambda: nn.LSTM(4, 5, 2),
    "lstm without biases": lambda: nn.LSTM(4, 5, 1, bias=False),
    "lstm batch first": lambda: nn.LSTM(4, 5, 2, batch_first=True),
    "projected": lambda: nn.LSTM(4, 5, 2, proj_size=3),
    "gru": lambda: nn.GRU(4, 5, 2),
    "tanh": lambda: nn.RNN(4, 5, 3),
    "relu": lambda: nn.RNN(4, 5, 2, nonlinearity="relu"),
}


def first_states(module, given, sequence):
    return [tuple(part[layer, sequence] for part in given) for layer in range(module.num_layers)]


def random_state(module, directions=1):
    sizes = [module.proj_size or module.hidden_size] + [module.hidden_size] * (module.mode == "LSTM")
    return tuple(torch.randn(module.num_layers * directions, SEQUENCES, size, dtype=torch.float64) for size in sizes)


@pytest.mark.parametrize("name", MODULES)
def test_jacobians_of_a_module_as_it_ran_are_those_of_a_plain_loop(name):
    """From a first state of its own (learned, or carried over from the batch before)."""
    torch.manual_seed(7)
    module = MODULES[name]().double()
    x, state = torch.randn(STEPS, SEQUENCES, 4, dtype=torch.float64), random_state(module)
    given = x.transpose(0, 1) if module.batch_first else x
    seen = observe(module, (given, state if len(state) > 1 else state[0]))
    (part,) = seen.parts
    start = rolled(module, x[:, 1], first_states(module, state, 1), 2)
    truth, _ = plain_jacobian(module, x[:, 1], start, 2, STEPS)
    agrees(measured_jacobian(part, 1, STEPS, STEPS - 2), truth)


class Tagger(nn.Module):
    """An embedding, a packed recurrent layer, and a head."""

    def __init__(self, recurrent):
        super().__init__()
        self.embed, self.rnn = nn.Embedding(11, 4), recurrent
        self.head = nn.Linear(2 * recurrent.hidden_size, 3)

    def forward(self, tokens, lengths):
        packed = pack_padded_sequence(self.embed(tokens), lengths, enforce_sorted=False)
        out, _ = pad_packed_sequence(self.rnn(packed)[0])
        return self.head(out)


@pytest.mark.parametrize("kind", [nn.LSTM, nn.GRU, nn.RNN])
def test_packed_and_bidirectional_each_layer_and_direction_is_a_part(kind):
    torch.manual_seed(3)
    model = Tagger(kind(4, 5, 2, bidirectional=True)).double()
    tokens, lengths = torch.randint(0, 11, (STEPS, SEQUENCES)), torch.tensor([6, STEPS, 4])
    seen = observe(model, (tokens, lengths))
    assert [part.name for part in seen.parts] == [
        f"rnn, layer {layer}, {way}" for layer in (1, 2) for way in ("forward", "backward")
    ]
    assert [part.lengths.tolist() for part in seen.parts] == [[6, STEPS, 4]] * 4
    with torch.no_grad():
        x = model.embed(tokens)[:6, 0]
    zeros = [tuple(torch.zeros(5, dtype=torch.float64) for _ in range(2 if kind is nn.LSTM else 1))]
    agrees(
        measured_jacobian(seen.parts[0], 0, 6, 5),
        plain_jacobian(model.rnn, x, rolled(model.rnn, x, zeros, 1, [0]), 1, 6, [0])[0],
    )
    back = x.flip(0)  # the backward direction starts at the sequence's own last step, not at the padding
    agrees(
        measured_jacobian(seen.parts[1], 0, 6, 5),
        plain_jacobian(model.rnn, back, rolled(model.rnn, back, zeros, 1, [0], "_reverse"), 1, 6, [0], "_reverse")[0],
    )
    both = torch.cat(
        [
            torch.stack([rolled(model.rnn, x, zeros, t, [0])[0][0] for t in range(1, 7)]),
            torch.stack([rolled(model.rnn, back, zeros, t, [0], "_reverse")[0][0] for t in range(1, 7)]).flip(0),
        ],
        -1,
    )
    agrees(
        measured_jacobian(seen.parts[2], 0, 6, 5),
        plain_jacobian(model.rnn, both, rolled(model.rnn, both, zeros, 1, [1]), 1, 6, [1])[0],
    )


PARAMETRISED = {
    "weight norm": lambda module: parametrizations.weight_norm(module, "weight_hh_l0"),
    "orthogonal": lambda module: parametrizations.orthogonal(module, "weight_hh_l0"),
    "spectral": lambda module: parametrizations.spectral_norm(module, "weight_hh_l0"),
}


@pytest.mark.parametrize("name", PARAMETRISED)
def test_the_weights_are_those_that_the_parametrisation_made(name):
    torch.manual_seed(5)
    module = PARAMETRISED[name](nn.RNN(4, 4)).double().eval()
    x = torch.randn(STEPS, SEQUENCES, 4, dtype=torch.float64)
    (part,) = observe(module, x).parts
    out, _ = module(x)
    agrees(part.stack.runs[0].output, out.detach())
    zeros = [(torch.zeros(4, dtype=torch.float64),)]
    agrees(
        measured_jacobian(part, 2, STEPS, STEPS - 1),
        plain_jacobian(module, x[:, 2], rolled(module, x[:, 2], zeros, 1), 1, STEPS)[0],
    )


def test_intervals_hold_the_exact_norm_and_carry_share():
    torch.manual_seed(1)
    module = nn.LSTM(4, 6, 2).double()
    (part,) = observe(module, torch.randn(40, 2, 4, dtype=torch.float64)).parts
    found = measure(part, directions=16)
    exact = []
    for k in (1, 5, 20, 40):
        logs = []
        for ends in found.frame.ends:
            for place, sequence in enumerate(found.frame.sequences):
                if ends[place] >= k:
                    logs.append(float(measured_jacobian(part, sequence, int(ends[place]), k).norm().log10()))
        exact.append(np.mean(logs))
        _, low, high = found.norm.at(k - 1)
        assert low - 0.05 < exact[-1] < high + 0.05, k
        assert high - low < 0.5


def test_nothing_about_the_model_changes():
    torch.manual_seed(2)
    model = nn.ModuleDict({"rnn": nn.LSTM(3, 4, 2, dropout=0.3), "norm": nn.BatchNorm1d(3)}).train()
    model.forward = lambda x: model["rnn"](model["norm"](x.flatten(0, 1)).view_as(x))
    before = {name: value.clone() for name, value in model.state_dict().items()}
    random = torch.get_rng_state()
    seen = observe(model, torch.randn(STEPS, SEQUENCES, 3, generator=torch.Generator().manual_seed(0)))
    measure(seen.parts[0], directions=2)
    assert torch.equal(torch.get_rng_state(), random)
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    assert all(parameter.grad is None for parameter in model.parameters())
    assert not any(part._forward_hooks for part in model.modules())
    assert "Dropout between the layers (0.3) is left out." in seen.parts[0].notes


class Wrapped(nn.Module):
    def __init__(self, inner):
        super().__init__()
        self.inner = inner

    def forward(self, x, scale=None):
        return self.inner(x if scale is None else x * scale)[0].sum()


@pytest.mark.parametrize("precision", [torch.float16, torch.bfloat16, torch.float32])
def test_frozen_and_half_precision_weights(precision):
    torch.manual_seed(4)
    module = nn.LSTM(4, 5).to(precision).requires_grad_(False)
    (part,) = observe(module, torch.randn(STEPS, 2, 4).to(precision)).parts
    assert part.stack.runs[0].output.dtype == torch.float32
    assert np.isfinite(measure(part).norm.value).all()


def test_batches_of_every_kind():
    model, x = Wrapped(nn.GRU(4, 5)), torch.randn(STEPS, 2, 4)
    wanted = measure(observe(model, x).parts[0]).norm.value
    target = torch.zeros(3)
    loss = lambda outputs, batch: outputs * 1.0  # noqa: E731
    for batch, given in {
        "dict": ({"x": x}, None),
        "dict with a target": ({"x": x, "target": target}, loss),
        "tuple": ((x,), None),
        "tuple with a target": ((x, target), loss),
        "keyword": ({"x": x, "scale": torch.tensor(1.0)}, None),
    }.values():
        assert np.allclose(measure(observe(model, batch, loss=given).parts[0]).norm.value, wanted)
    for wrapper in (nn.DataParallel(model), torch.compile(model, backend="eager")):
        assert np.allclose(measure(observe(wrapper, x).parts[0]).norm.value, wanted)
    assert np.allclose(measure(observe(model, None, call=lambda one, _: one(x)).parts[0]).norm.value, wanted)


def test_several_recurrent_parts_are_each_named():
    model = nn.Sequential()
    model.encoder, model.decoder = nn.GRU(4, 5), nn.LSTM(5, 6)
    model.forward = lambda x: model.decoder(model.encoder(x)[0])
    seen = observe(model, torch.randn(STEPS, 2, 4))
    assert [(part.name, part.kind, part.units) for part in seen.parts] == [
        ("encoder", "GRU", 5),
        ("decoder", "LSTM", 6),
    ]
    assert [part.name for part in observe(model, torch.randn(STEPS, 2, 4), prefix="decoder").parts] == ["decoder"]


def refused(words, *arguments, **options):
    with pytest.raises(StudyError, match=words):
        observe(*arguments, **options)


def test_what_cannot_be_measured_is_refused_in_a_sentence():
    x = torch.randn(STEPS, 2, 4)
    refused("holds no recurrent module", nn.Linear(4, 3), x)
    refused("is a int; allowed: a torch module", 3, x)
    refused("called 'other' ran; those there are: inner", Wrapped(nn.GRU(4, 5)), x, prefix="other")
    refused("the loss has shape .*allowed: one number", nn.GRU(4, 5), x, loss=lambda out, _: out[0])
    refused("the loss does not depend", nn.GRU(4, 5), x, loss=lambda out, _: out[0].detach().sum())
    refused("the loss is a float", nn.GRU(4, 5), x, loss=lambda out, _: float(out[0].sum()))
    bad = x.clone()
    bad[4, 1, 2] = torch.nan
    refused("not finite at step 5 of sequence 1", nn.GRU(4, 5), bad)
    quantised = torch.ao.quantization.quantize_dynamic(Wrapped(nn.LSTM(4, 5)), {nn.LSTM})
    refused("'inner' in the model is a quantised LSTM", quantised, x)
    scripted = torch.jit.script(nn.GRU(4, 5))
    refused("is scripted", scripted, x)
    refused("was given 0 sequences of 9 steps", nn.GRU(4, 5), torch.zeros(STEPS, 0, 4))
