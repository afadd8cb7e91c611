"""What is known about single cells: closed forms, and cells that are special cases of one another."""

from __future__ import annotations

import math
from functools import reduce
from operator import mul

import pytest
import torch

from tests.cases import Case, normal, random_weights, without_recurrence
from whylstm import cells
from whylstm.cells.base import sigmoid
from whylstm.gradients import exact
from whylstm.gradients.factors import factors
from whylstm.gradients.profile import profile
from whylstm.gradients.trajectory import run

END, LAG = 6, 5


def block(jacobian: torch.Tensor, cell, new: str, old: str) -> torch.Tensor:
    """Return the block from part ``old`` to part ``new``, (B, H, H)."""
    parts = jacobian.unflatten(-1, (len(cell.parts), -1)).unflatten(1, (len(cell.parts), -1))
    return parts[:, cell.parts.index(new), :, cell.parts.index(old)]


def outputs(name: str, weights: dict, inputs: torch.Tensor) -> torch.Tensor:
    return run(cells.load(name), weights, inputs).states["h"]


@pytest.mark.parametrize("saturation", [0.1, 1.0, 5.0])
@pytest.mark.parametrize("name", ["lstm", "lstm_coupled", "minlstm", "mingru", "janet", "gru"])
def test_without_recurrent_weights_the_memory_is_the_product_of_its_gate(name, saturation):
    """∂C_t/∂C_{t-k} = Π f, to the last bit: the article's product, where there is nothing else."""
    case = Case(name, 4, saturation, 0)
    weights = case.weights | {"U": torch.zeros_like(case.weights["U"])}
    path = run(case.cell, weights, case.inputs)
    gate = case.cell.activations(path.before, path.recurrent, path.inputs, path.own)[case.cell.carry_gate]
    expected = reduce(mul, (gate[step, :, 0] for step in range(END - 1, END - 1 - LAG, -1)))
    memory = case.cell.parts[-1]
    found = block(exact.lag_jacobian(factors(case.cell, weights, path), END, LAG), case.cell, memory, memory)
    assert torch.equal(found, expected.diag_embed())


@pytest.mark.parametrize("name", ["minlstm", "mingru"])
def test_gates_of_the_input_alone_make_the_product_everything(name):
    """Here Π f needs no weights set to zero: it is the whole Jacobian."""
    case = Case(name, 4, 1.0, 0)
    gate = case.cell.activations(*case.arguments)[case.cell.carry_gate]
    expected = reduce(mul, (gate[step, :, 0] for step in range(END - 1, END - 1 - LAG, -1)))
    assert torch.equal(exact.lag_jacobian(case.factors, END, LAG), expected.diag_embed())


def test_the_lstm_of_1997_never_forgets():
    case = Case("lstm_1997", 4, 5.0, 0)
    cut = exact.lag_jacobian(without_recurrence(case), END, LAG)
    assert torch.equal(block(cut, case.cell, "c", "c"), torch.eye(4).expand(2, 4, 4))


def test_peepholes_change_the_direct_path_although_no_matrix_is_passed():
    """SCIENCE: f + C f' p_f + g i' p_i, which is not f."""
    case = Case("lstm_peephole", 4, 1.0, 0)
    s, r, a, w = case.arguments
    gate = case.cell.activations(s, r, a, w)
    i, f, g = gate["i"], gate["f"], gate["g"]
    phi = f + s["c"] * f * (1 - f) * w["p_f"] + g * i * (1 - i) * w["p_i"]
    # The same few products in another order.
    torch.testing.assert_close(case.factors.carry["c", "c"], phi[:, :, 0], rtol=1e-13, atol=1e-14)
    assert (phi - f)[1:].abs().max() > 0.01


def test_a_linear_network_is_a_power_of_its_matrix():
    case = Case("linear", 4, 1.0, 0)
    expected = torch.linalg.matrix_power(case.weights["U"][:, 0], LAG)
    torch.testing.assert_close(exact.lag_jacobian(case.factors, END, LAG), expected, rtol=1e-13, atol=1e-13)


def test_a_linear_network_that_has_left_the_range_of_numbers_still_has_its_jacobian():
    """J = U whatever the state is, and if it is none; 8^k at every lag."""
    cell = cells.load("linear")
    weights = {"U": 8 * torch.eye(2).reshape(1, 1, 2, 2), "W": torch.ones(1, 1, 2, 1), "b": torch.zeros(1, 1, 2)}
    path = run(cell, weights, torch.ones(1, 1, 400, 1))
    assert not path.states["h"][-1].isfinite().any()
    found = profile(factors(cell, weights, path), [400], 50, 1)["norm"][:, 0, 0]
    expected = torch.arange(1, 51) * math.log10(8) + math.log10(2) / 2
    torch.testing.assert_close(found, expected, rtol=1e-14, atol=1e-13)


def test_an_irnn_with_positive_drives_is_the_identity():
    """ReLU units that are all on, U = I: the gradient neither vanishes nor explodes (Le, Jaitly & Hinton 2015)."""
    case = Case("relu", 4, 1.0, 0)
    weights = case.weights | {"U": torch.eye(4).expand(2, 1, 4, 4), "b": torch.full((2, 1, 4), 10.0)}
    steps = factors(case.cell, weights, run(case.cell, weights, case.inputs))
    assert torch.equal(exact.lag_jacobian(steps, END, LAG), torch.eye(4).expand(2, 4, 4))


def test_a_relu_unit_that_is_off_lets_nothing_through():
    case = Case("relu", 4, 1.0, 0)
    on = case.trajectory.after["h"][:, :, 0] > 0
    assert torch.equal(case.factors.mix["h", "h"], on.double()) and on.any() and not on.all()


def test_an_orthogonal_network_shrinks_by_the_slope_of_tanh_alone():
    """With U orthogonal and every unit at rest, J = U and no norm changes: 10^log ‖U^k‖ = √H."""
    cell = cells.load("orthogonal")
    matrix = torch.linalg.qr(normal("Q", (4, 4), 0)).Q.reshape(1, 1, 4, 4)
    weights = {"U": matrix, "W": torch.zeros(1, 1, 4, 1), "b": torch.zeros(1, 1, 4)}
    steps = factors(cell, weights, run(cell, weights, torch.zeros(1, 1, 100, 1)))
    found = profile(steps, [100], 100, 0)["norm"][:, 0, 0]
    # 100 products with a matrix that is orthogonal to an ulp or two.
    torch.testing.assert_close(found, torch.full_like(found, math.log10(4) / 2), rtol=0, atol=1e-13)
    assert cell.initialisation == "orthogonal"


def test_a_leaky_unit_has_one_time_constant():
    case = Case("leaky", 4, 1.0, 0)
    found = exact.lag_jacobian(without_recurrence(case), END, LAG)
    expected = ((1 - case.weights["alpha"]) ** LAG).expand(2, 4).diag_embed()
    torch.testing.assert_close(found, expected, rtol=1e-14, atol=0)  # a power, and the same product of five numbers


def test_a_linear_recurrent_unit_is_a_damped_rotation():
    """G_k = |λ|^k (cos kθ, -sin kθ; sin kθ, cos kθ) for each unit, with |λ| < 1."""
    case = Case("lru", 4, 1.0, 0)
    size, angle = torch.exp(-torch.exp(case.weights["nu"])), case.weights["theta"]
    found = exact.lag_jacobian(case.factors, END, LAG)
    assert (size < 1).all()
    rotation = {"hh": (1, torch.cos), "hm": (-1, torch.sin), "mh": (1, torch.sin), "mm": (1, torch.cos)}
    for (new, old), (sign, turn) in rotation.items():
        expected = (sign * size**LAG * turn(LAG * angle)).diag_embed()
        # Five rotations against one by five times the angle: some ulp.
        torch.testing.assert_close(block(found, case.cell, new, old), expected, rtol=0, atol=1e-15)


def test_a_linear_recurrent_unit_keeps_the_size_of_white_input():
    """γ = √(1 - |λ|²): the state's mean square is that of its input drive, however slow the unit (E|x|² = 1 here)."""
    cell, units = cells.load("lru"), 20000
    own = {"nu": torch.tensor([-3.0]), "theta": torch.tensor([0.7])}
    state = {"h": torch.zeros(units), "m": torch.zeros(units)}
    for step in range(200):
        drive = {gate: normal(gate, (units,), step) / math.sqrt(2) for gate in cell.gates}
        state = cell.update(state, {}, drive, own)
    # A mean of 20,000 exponential variables: standard error 0.007; the start is forgotten to exp(-2 · 200 · 0.0498).
    assert float((state["h"] ** 2 + state["m"] ** 2).mean()) == pytest.approx(1, abs=0.03)


def test_an_slstm_does_not_feel_a_common_factor_of_its_memory():
    """Adding a constant to every input gate's drive scales C and n alike and leaves h: why the paper may stabilise."""
    case = Case("slstm", 4, 1.0, 0)
    loud = case.weights | {"b": case.weights["b"].clone()}
    loud["b"][:, case.cell.gates.index("i")] += 3
    plain, path = case.trajectory, run(case.cell, loud, case.inputs)
    # exp(x + 3) against exp(x) e³: a few ulp per step, over seven steps.
    torch.testing.assert_close(path.states["h"], plain.states["h"], rtol=1e-11, atol=1e-13)
    for part in ("c", "n"):
        torch.testing.assert_close(path.states[part], math.exp(3) * plain.states[part], rtol=1e-11, atol=1e-11)
    jacobians = (exact.lag_jacobian(steps, END, LAG) for steps in (case.factors, factors(case.cell, loud, path)))
    quiet, other = (block(jacobian, case.cell, "h", "h") for jacobian in jacobians)
    torch.testing.assert_close(quiet, other, rtol=1e-10, atol=1e-13)


@pytest.mark.parametrize("saturation", [0.1, 1.0, 5.0])
def test_an_slstms_memory_is_a_weighted_mean(saturation):
    path = Case("slstm", 4, saturation, 0).trajectory
    assert (path.states["n"][1:] > 0).all()
    assert (path.states["c"].abs() <= path.states["n"] * (1 + 1e-12)).all()  # a rounding per step


def family(*letters: str) -> dict[str, torch.Tensor]:
    """Return weights of the LSTM family whose gates are ``letters``, the same numbers for the same letter."""
    per_gate = {letter: random_weights(cells.load("tanh"), 4, 1.0, seed) for seed, letter in enumerate("ifgo")}
    return {key: torch.cat([per_gate[letter][key] for letter in letters], 1) for key in ("U", "W", "b")}


def negated(weights: dict[str, torch.Tensor], gate: int, of: int) -> dict[str, torch.Tensor]:
    """Return weights with the rows of one gate replaced by minus those of another: σ(-x) = 1 - σ(x)."""
    changed = {key: value.clone() for key, value in weights.items()}
    for value in changed.values():
        value[:, gate] = -value[:, of]
    return changed


INPUTS = normal("inputs", (2, 3, 9, 2), 5)
CLOSE = {"rtol": 1e-12, "atol": 1e-13}
"""Two cells that are the same one in exact arithmetic, after 9 steps with some roundings each."""


def test_peepholes_of_zero_make_an_lstm():
    weights = family("i", "f", "g", "o")
    shut = {name: torch.zeros(2, 4) for name in ("p_i", "p_f", "p_o")}
    assert torch.equal(outputs("lstm_peephole", weights | shut, INPUTS), outputs("lstm", weights, INPUTS))


def test_a_coupled_lstm_is_one_with_its_input_gate_tied():
    weights = negated(family("i", "f", "g", "o"), gate=0, of=1)
    torch.testing.assert_close(
        outputs("lstm_coupled", family("f", "g", "o"), INPUTS), outputs("lstm", weights, INPUTS), **CLOSE
    )


def test_the_lstm_of_1997_is_one_whose_forget_gate_is_open():
    weights = {key: value.clone() for key, value in family("i", "f", "g", "o").items()}
    weights["b"][:, 1] = 60.0  # 1 - σ(60 + a drive of order one) is 1e-26
    torch.testing.assert_close(
        outputs("lstm_1997", family("i", "g", "o"), INPUTS), outputs("lstm", weights, INPUTS), **CLOSE
    )


def test_a_janet_with_a_constant_gate_is_leaky():
    weights, alpha = family("f", "g"), 0.3
    for value in weights.values():
        value[:, 0] = 0.0
    weights["b"][:, 0] = math.log((1 - alpha) / alpha)
    tanh = {key: value[:, 1:] for key, value in weights.items()} | {"alpha": torch.full((2, 1), alpha)}
    janet = outputs("janet", weights | {"beta": torch.zeros(2, 1)}, INPUTS)
    torch.testing.assert_close(janet, outputs("leaky", tanh, INPUTS), **CLOSE)


def test_a_minimal_lstm_with_tied_gates_is_a_minimal_gru():
    """f/(f+i) with i = 1 - f is f itself."""
    weights = {key: value for key, value in family("f", "i", "g").items() if key != "U"}
    tied = negated(weights, gate=1, of=0)
    empty = {"U": torch.zeros(2, 0, 4, 4)}
    gru = {key: value[:, [0, 2]] for key, value in weights.items()}
    torch.testing.assert_close(
        outputs("minlstm", tied | empty, INPUTS), outputs("mingru", gru | empty, INPUTS), **CLOSE
    )


def test_sigmoid_is_the_logistic_function_everywhere():
    """Relative to a few ulp from -600 to 600; finite, with finite slopes, beyond."""
    x = torch.linspace(-600, 600, 1201)
    expected = torch.tensor([1 / (1 + math.exp(-v)) for v in x.tolist()])
    torch.testing.assert_close(sigmoid(x), expected, rtol=1e-15, atol=0)
    for dtype in (torch.float64, torch.float32):
        far = torch.tensor([-1e4, -90.0, 0.0, 90.0, 1e4], dtype=dtype, requires_grad=True)
        sigmoid(far).sum().backward()
        assert sigmoid(far).isfinite().all() and far.grad.isfinite().all() and far.grad[2] == 0.25
        assert ((sigmoid(far) - torch.sigmoid(far)).abs() < 1e-30).all()


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
def test_sigmoid_has_the_same_bits_wherever_a_number_stands(dtype):
    x = (5 * normal("x", (40, 37), 0)).to(dtype)
    whole = sigmoid(x)
    assert all(torch.equal(whole[row], sigmoid(x[row].clone())) for row in range(40))
    assert torch.equal(whole.T, sigmoid(x.T)) and torch.equal(whole[:, ::3], sigmoid(x[:, ::3]))
