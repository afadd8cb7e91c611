"""Recurrences that a model makes by itself: held against automatic differentiation of the same loop, written plainly.

Float64; both routes differ by rounding alone.
"""

import numpy as np
import pytest
import torch
from torch import nn

from tests.cases import FEATURES, normal, one_model, random_weights
from whylstm import cells, families
from whylstm.diagnosis.observation import measure, observe, observe_step
from whylstm.diagnosis.observation.stack import whole as all_paths
from whylstm.errors import StudyError
from whylstm.gradients.factors import factors
from whylstm.gradients.trajectory import run

STEPS, SEQUENCES = 8, 2


class Loop(nn.Module):
    """A cell in a loop, with something between its steps."""

    def __init__(self, cell, between=None, hold=None):
        super().__init__()
        self.cell, self.between, self.hold = cell, between or (lambda loop, h, past: h), hold
        self.norm, self.key, self.out = nn.LayerNorm(4), nn.Linear(4, 4), nn.Linear(4, 3)

    def start(self, x):
        zeros = torch.zeros(x.shape[1], 4, dtype=x.dtype)
        return (zeros, zeros.clone()) if isinstance(self.cell, nn.LSTMCell) else zeros

    def forward(self, x):
        state, past = self.start(x), []
        for step, now in enumerate(x):
            state = self.step(now, state, past, step)
        return torch.stack([self.out(h) for h in past])

    def step(self, now, state, past, step=0):
        state = self.cell(now, state)
        h, *memory = state if isinstance(state, tuple) else (state,)
        past.append(h)
        h = self.between(self, h, past)
        if step + 1 == self.hold:
            h = h.detach()
        return (h, *memory) if memory else h


def attended(loop, h, past):
    keys = torch.stack(past)
    weights = ((keys @ h[..., None]) / 2).softmax(0) if h.dim() == 1 else torch.einsum("tnh,nh->tn", keys, h).softmax(0)
    return h + torch.einsum("tn,tnh->nh", weights, keys)


BETWEEN = {
    "nothing": None,
    "LayerNorm": lambda loop, h, past: loop.norm(h),
    "residual": lambda loop, h, past: h + 0.5 * loop.key(h),
    "zoneout": lambda loop, h, past: 0.9 * h + 0.1 * (past[-2] if len(past) > 1 else 0),
    "ODE step": lambda loop, h, past: h + 0.1 * torch.tanh(loop.key(h)),
    "attention": attended,
}
CELLS = {"lstm": nn.LSTMCell, "gru": nn.GRUCell, "rnn": nn.RNNCell}


def looped(cell="lstm", between="nothing", **options):
    torch.manual_seed(len(cell) + len(between))
    return Loop(CELLS[cell](3, 4), BETWEEN[between], **options).double()


def data(steps=STEPS):
    return torch.randn(steps, SEQUENCES, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(1))


def parts(state):
    return list(state) if isinstance(state, tuple) else [state]


def plain_jacobian(model, x, sequence, start, end):
    """∂(state that goes in at ``end``)/∂(state that goes in at ``start``), both counted from 0, of one sequence."""
    x = x[:, sequence : sequence + 1]
    with torch.no_grad():
        state, past = model.start(x), []
        for step in range(start):
            state = model.step(x[step], state, past)
    sizes = [part.numel() for part in parts(state)]

    def through(flat):
        pieces = [piece[None] for piece in flat.split(sizes)]
        now, seen = (tuple(pieces) if len(pieces) > 1 else pieces[0]), list(past)
        for step in range(start, end):
            now = model.step(x[step], now, seen)
        return torch.cat([part.flatten() for part in parts(now)])

    return torch.autograd.functional.jacobian(through, torch.cat([part.flatten() for part in parts(state)]).detach())


def measured_jacobian(part, sequence, start, end):
    rows = torch.eye(part.size, dtype=torch.float64)[:, None].expand(-1, part.sequences, -1)
    return part.rows(end, end - start, rows)[-1][:, sequence]


@pytest.mark.parametrize("between", BETWEEN)
@pytest.mark.parametrize("cell", CELLS)
def test_what_stands_in_the_loop_is_part_of_the_jacobian(cell, between):
    model, x = looped(cell, between), data()
    (part,) = observe(model, x).parts
    assert part.name == "cell"
    if between == "attention":  # a state that is looked up again later feeds back by more than the state in between
        assert float((measured_jacobian(part, 1, 2, 6)).norm()) > 0
        return
    torch.testing.assert_close(
        measured_jacobian(part, 1, 2, 6), plain_jacobian(model, x, 1, 2, 6), rtol=1e-9, atol=1e-12
    )


def test_attention_over_the_past_is_followed_by_all_of_its_ways():
    """The state itself is what is looked up, so a step function can hold it whole: h with all that came before."""
    x = data()
    model = looped("rnn", "attention")
    (part,) = observe(model, x).parts

    def unrolled(h, first):
        past = [*first]
        for step in range(2, 6):
            h = model.step(x[step, 1:2], h, past)
        return h[0]

    with torch.no_grad():
        h, past = model.start(x[:, 1:2]), []
        for step in range(2):
            h = model.step(x[step, 1:2], h, past)
    truth = torch.autograd.functional.jacobian(lambda flat: unrolled(flat[None], past), h[0])
    torch.testing.assert_close(measured_jacobian(part, 1, 2, 6), truth, rtol=1e-9, atol=1e-12)


def test_a_layer_called_step_by_step_is_a_loop_and_its_projection_a_hop():
    torch.manual_seed(0)
    rnn = nn.LSTM(3, 5, 2, proj_size=4).double()
    x = data(30)
    (whole,) = observe(rnn, x).parts

    class Stepped(nn.Module):
        def __init__(self):
            super().__init__()
            self.rnn = rnn

        def forward(self, x):
            state = (x.new_zeros(2, SEQUENCES, 4), x.new_zeros(2, SEQUENCES, 5))
            for now in x:
                out, state = self.rnn(now[None], state)
            return out

    (stepped,) = observe(Stepped(), x).parts
    assert stepped.kind == "LSTM in a loop"
    rows = torch.eye(whole.size, dtype=torch.float64)
    for turn, passed in ((None, all_paths), (0, None)):
        looped = stepped.rows(28, 20, rows[:, None].expand(-1, SEQUENCES, -1), turn)[-1]
        ends = torch.full((1, SEQUENCES), 28)
        *_, (kept, scale, _) = whole.stack.back(rows[None, :, None].expand(-1, -1, SEQUENCES, -1), ends, 20, passed)
        fused = (kept * scale.exp()[..., None])[0]
        torch.testing.assert_close(looped.norm(dim=(0, 2)), fused.norm(dim=(0, 2)), rtol=1e-9, atol=0)


@pytest.mark.parametrize("name", families.names("whylstm.cells"))
def test_hops_of_a_plain_loop_are_those_of_the_studys_cell(name):
    """The spectrum of hops at lag 5, from roots of unity, against the expansion of Π (K + z R)."""
    cell = cells.load(name)
    weights = one_model(random_weights(cell, 4, models=1), 0)
    x = normal("inputs", (1, 1, STEPS, FEATURES), 0)
    path = run(cell, weights, x)
    made = factors(cell, weights, path)
    products = {0: torch.eye(4 * len(cell.parts), dtype=torch.float64)}
    for step in range(STEPS - 1, STEPS - 6, -1):
        kept, passed = made.dense_carry(step)[0], made.dense_recurrent(step)[0]
        products = {
            r: products.get(r, 0 * kept) @ kept + products.get(r - 1, 0 * kept) @ passed
            for r in range(len(products) + 1)
        }
    w = {key: weights[key][0] for key in (*cell.extras, *cell.options)}

    def step(state, now):
        r = {gate: weights["U"][0, i] @ state[cell.parts[0]] for i, gate in enumerate(cell.recurrent_gates)}
        if cell.recurrent_bias:
            r = {gate: value + weights["c"][0, i] for i, (gate, value) in enumerate(r.items())}
        a = {gate: weights["W"][0, i] @ now + weights["b"][0, i] for i, gate in enumerate(cell.gates)}
        return cell.update(state, r, a, w)

    zero = {part: torch.zeros(4, dtype=torch.float64) for part in cell.parts}
    (part,) = observe_step(step, zero, x[0, 0]).parts
    rows = torch.eye(part.size, dtype=torch.float64)[:, None]
    # our parts may be ordered otherwise than the flattened dict, which changes neither norms nor hops
    found = part.hop_shares(STEPS, 5, rows)
    squares = torch.stack([product.square().sum() for product in products.values()])
    truth = squares / squares.sum()
    assert float((found[:6] - truth).abs().max()) < 1e-12
    assert float(found[6:].sum()) < 1e-12
    total = part.rows(STEPS, 5, rows)[-1][:, 0].norm()
    assert float(total) == pytest.approx(float(sum(products.values()).norm()), rel=1e-10)


def test_a_step_function_over_a_nested_state_with_a_matrix_in_it():
    """A delta rule: S (I - β k kᵀ) + β v kᵀ; what the input makes is no parameter matrix, so nothing hops."""
    torch.manual_seed(3)
    key, value = torch.randn(4, 3, dtype=torch.float64), torch.randn(2, 3, dtype=torch.float64)

    def step(state, now):
        k = torch.nn.functional.normalize(key @ now, dim=0)
        memory = state["memory"] - 0.5 * torch.outer(state["memory"] @ k - value @ now, k)
        return {"memory": memory, "trace": (0.9 * state["trace"][0] + memory.sum(),)}

    zero = {"memory": torch.zeros(2, 4, dtype=torch.float64), "trace": (torch.zeros((), dtype=torch.float64),)}
    (part,) = observe_step(step, zero, data()[:, 0]).parts
    assert part.size == 9
    shares = part.hop_shares(STEPS, 4, torch.eye(9, dtype=torch.float64)[:, None])
    assert float(shares[0]) == pytest.approx(1.0, abs=1e-12)
    found = measure(part, lags=STEPS)
    assert np.allclose(found.carry.value, 1.0)


class OwnCell(nn.Module):
    def __init__(self):
        super().__init__()
        self.inside = nn.Linear(7, 4)

    def forward(self, x, state):
        (h, trace) = state
        h = torch.tanh(self.inside(torch.cat([x, h], -1)))
        return h, (h, 0.8 * trace + h)


class OwnModel(nn.Module):
    def __init__(self, named=OwnCell):
        super().__init__()
        self.unit = named()

    def forward(self, x):
        state = (x.new_zeros(SEQUENCES, 4), x.new_zeros(SEQUENCES, 4))
        for now in x:
            h, state = self.unit(now, state)
        return h


@pytest.mark.parametrize("frozen", [False, True])
def test_a_cell_of_the_users_is_found_by_what_goes_in(frozen):
    model, x = OwnModel().double(), data()
    (part,) = observe(model.requires_grad_(not frozen), x).parts
    assert (part.name, part.kind, part.size) == ("unit", "OwnCell in a loop", 8)
    renamed = type("Unit", (OwnCell,), {})
    other = OwnModel(renamed).double()
    with pytest.raises(StudyError, match="holds no recurrent module"):
        observe(other, x)
    assert [part.name for part in observe(other, x, cells=(renamed,)).parts] == ["unit"]
    assert [part.name for part in observe(other, x, cells=("unit",)).parts] == ["unit"]


def refused(words, model, x):
    with pytest.raises(StudyError, match=words):
        observe(model, x)


class InPlace(Loop):
    def step(self, now, state, past, step=0):
        h = self.cell(now, state)
        out = torch.exp(h)
        past.append(h)
        new = out + 0
        out.mul_(2)
        return new


def test_a_graph_that_is_cut_or_broken_is_refused_with_its_step():
    refused(
        r"goes into cell at step 4 does not depend on the one at step 3|at step 4 has no gradient",
        looped("gru", hold=3),
        data(),
    )
    torch.manual_seed(0)
    refused("changes a tensor in place", InPlace(nn.RNNCell(3, 4)).double(), data())
    x = data()
    x[4, 1, 0] = torch.nan
    refused("goes into cell at step 6 holds a number that is not finite", looped("lstm"), x)
    refused("cell was called for 2 steps", looped("lstm"), data(2))


def test_two_loops_of_one_cell_are_two_parts():
    model = Loop(nn.GRUCell(3, 4)).double()

    def forward(x):
        for sequence in (x, x.flip(0)):
            h = None
            for now in sequence:
                h = model.cell(now, h)
        return h

    model.forward = forward
    assert [part.name for part in observe(model, data()).parts] == ["cell, loop 1", "cell, loop 2"]


class Prefilled(nn.Module):
    """Reads a prompt at once, then goes on step by step, as in generation; or reads chunk after chunk."""

    def __init__(self, chunk):
        super().__init__()
        self.rnn, self.chunk = nn.LSTM(3, 4).double(), chunk

    def forward(self, x):
        _, state = self.rnn(x[:10])
        for piece in x[10:].split(self.chunk):
            out, state = self.rnn(piece, state)
        return out


def test_a_call_over_many_steps_is_no_step_of_a_loop():
    seen = observe(Prefilled(1), data(22))
    assert [(part.name, part.kind, part.steps) for part in seen.parts] == [
        ("rnn, call 1", "LSTM", 10),
        ("rnn", "LSTM in a loop", 11),
    ]
    seen = observe(Prefilled(6), data(22))
    assert [(part.name, part.kind, part.steps) for part in seen.parts] == [
        (f"rnn, call {place}", "LSTM", steps) for place, steps in ((1, 10), (2, 6), (3, 6))
    ]
    assert float(seen.parts[1].call.state[0].abs().max()) > 0  # the state that was carried over


def test_a_norm_with_running_statistics_in_the_loop():
    """Its buffers are put back after the run, and the graph that holds them still runs backward."""
    model = Loop(nn.GRUCell(3, 4)).double().train()
    model.norm = nn.BatchNorm1d(4).double()
    model.between = BETWEEN["LayerNorm"]
    before = model.norm.running_mean.clone()
    (part,) = observe(model, data()).parts
    assert np.isfinite(measure(part).norm.value).all()
    assert torch.equal(model.norm.running_mean, before)


def test_what_is_no_tensor_in_a_state_is_handed_on():
    def step(state, now):
        h, count, place = state
        return torch.tanh(0.5 * h + now) / (1 + 0 * count), count + 1, place + 1

    first = (torch.zeros(3, dtype=torch.float64), 0, torch.tensor(0))
    (part,) = observe_step(step, first, data()[:, 0]).parts
    assert part.size == 3
    with pytest.raises(StudyError, match="the state of step is int; allowed: one floating-point tensor or more"):
        observe_step(lambda state, now: state, 3, data()[:, 0])
