"""Every initialisation with every cell: the shapes, and that unit numbers know neither gain, bias nor cell."""

from typing import ClassVar

import numpy as np
import pytest

from whylstm import cells, initialisations
from whylstm.cells.base import Cell
from whylstm.errors import StudyError
from whylstm.initialisations.base import Draws, complete

FIELDS = {"gain": 1.5, "forget_bias": 2.0, "input_scale": 0.7, "t_max": 50.0}
SUITED = [
    (name, cell)
    for name in initialisations.names()
    for cell in cells.names()
    if cells.load(cell).initialisation in (None, name)
    and not (initialisations.load(name).needs_carry_gate and cells.load(cell).carry_gate is None)
]
GRID = ["gaussian", "identity", "orthogonal"]
"""The initialisations with a gain and a forget bias."""


def weights(name: str, cell: str, hidden: int = 6, features: int = 3, replicate: int = 0, seed: int = 9, **fields):
    return initialisations.weights(name, cells.load(cell), hidden, features, seed, replicate, **{**FIELDS, **fields})


def test_the_family_holds_every_initialisation_of_the_study():
    assert set(initialisations.names()) == {*GRID, "chrono", "keras_default", "torch_default"}
    assert all(initialisations.load(name).source for name in initialisations.names())


@pytest.mark.parametrize(("name", "cell"), SUITED)
def test_weights_have_the_declared_shapes(name, cell):
    part, drawn = cells.load(cell), weights(name, cell)
    gates, recurrent = len(part.gates), len(part.recurrent_gates)
    shapes = {"U": (recurrent, 6, 6), "W": (gates, 6, 3), "b": (gates, 6)}
    shapes |= {"c": (recurrent, 6)} if part.recurrent_bias else {}
    shapes |= dict.fromkeys(part.extras, (6,)) | dict.fromkeys(part.options, (1,))
    assert {tensor: value.shape for tensor, value in drawn.items()} == shapes
    assert all(value.dtype == np.float64 and np.isfinite(value).all() for value in drawn.values())


@pytest.mark.parametrize(("name", "cell"), SUITED)
def test_weights_are_a_function_of_what_names_them(name, cell):
    one, same = weights(name, cell), weights(name, cell)
    assert all(np.array_equal(one[tensor], same[tensor]) for tensor in one)
    for other in (weights(name, cell, replicate=1), weights(name, cell, seed=10)):
        assert not np.array_equal(one["W"], other["W"])


@pytest.mark.parametrize("gain", [0.25, 1.3, 8.0])
@pytest.mark.parametrize("name", [*GRID, "chrono"])
def test_gain_scales_the_same_matrices_and_nothing_else(name, gain):
    unit, scaled = weights(name, "lstm", gain=1.0), weights(name, "lstm", gain=gain)
    assert np.array_equal(scaled["U"], gain * unit["U"])  # to the last bit
    assert all(np.array_equal(scaled[tensor], unit[tensor]) for tensor in unit if tensor != "U")


@pytest.mark.parametrize("name", [*GRID, "chrono"])
def test_input_scale_scales_the_same_input_matrices_and_nothing_else(name):
    unit, scaled = weights(name, "gru", input_scale=1.0), weights(name, "gru", input_scale=0.3)
    assert np.array_equal(scaled["W"], 0.3 * unit["W"])
    assert all(np.array_equal(scaled[tensor], unit[tensor]) for tensor in unit if tensor != "W")


@pytest.mark.parametrize(("name", "cell"), [pair for pair in SUITED if pair[0] in GRID])
def test_the_forget_bias_lands_on_the_carry_gate_only(name, cell):
    part = cells.load(cell)
    low, high = weights(name, cell, forget_bias=-1.0), weights(name, cell, forget_bias=3.5)
    expected = np.zeros((len(part.gates), 6))
    if part.carry_gate is not None:
        expected[part.gates.index(part.carry_gate)] = 3.5
    assert np.array_equal(high["b"], expected)
    assert all(np.array_equal(low[tensor], high[tensor]) for tensor in low if tensor != "b")


@pytest.mark.parametrize("name", [name for name in initialisations.names() if name != "keras_default"])
def test_variants_of_a_cell_share_the_matrices_of_the_gates_that_they_share(name):
    # (the default of Keras draws all the gates' recurrent matrices as one, so that they depend on how many there are)
    full = cells.load("lstm")
    for cell in ("lstm_peephole", "lstm_coupled", "janet", "minlstm"):
        variant = cells.load(cell)
        own, other = weights(name, "lstm"), weights(name, cell)
        for gate in set(full.gates) & set(variant.gates):
            assert np.array_equal(own["W"][full.gates.index(gate)], other["W"][variant.gates.index(gate)])
        for gate in set(full.recurrent_gates) & set(variant.recurrent_gates):
            own_u, other_u = own["U"][full.gates.index(gate)], other["U"][variant.recurrent_gates.index(gate)]
            assert np.array_equal(own_u, other_u)


def test_recurrent_matrices_do_not_depend_on_the_inputs():
    narrow, wide = weights("gaussian", "lstm", features=1), weights("gaussian", "lstm", features=9)
    assert np.array_equal(narrow["U"], wide["U"])


def test_draws_differ_by_everything_that_names_them():
    draws = [
        Draws(1, 4, 0).normal("U.f", (4, 4)),
        Draws(2, 4, 0).normal("U.f", (4, 4)),
        Draws(1, 4, 1).normal("U.f", (4, 4)),
        Draws(1, 5, 0).normal("U.f", (4, 4)),
        Draws(1, 4, 0).normal("U.i", (4, 4)),
        Draws(1, 4, 0).normal("W.f", (4, 4)),
        Draws(1, 4, 0).uniform("U.f", (4, 4)),
        Draws(1, 4, 0).normal("U.f", (4, 5)),
    ]
    assert len({round(float(numbers.flat[0]), 12) for numbers in draws}) == len(draws)


def test_a_cells_own_constants_take_the_value_that_is_given():
    assert weights("gaussian", "leaky")["alpha"] == cells.load("leaky").options["alpha"]
    assert weights("gaussian", "leaky", alpha=0.4)["alpha"] == 0.4


class Plain(Cell):
    gates = ("h",)
    extras: ClassVar = {"p": 0.5, "nu": 0.0}


class Special(Plain):
    def initial_extras(self, hidden, draw):
        return {"nu": draw.uniform("nu", (hidden,))}


def test_a_cell_may_draw_its_extras_itself():
    draw = Draws(9, 4, 0)
    plain, special = complete(Plain(), 4, draw, {}, {}), complete(Special(), 4, draw, {}, {})
    assert np.array_equal(plain["p"], np.full(4, 0.5))
    assert np.array_equal(special["p"], plain["p"])
    assert np.array_equal(special["nu"], draw.uniform("nu", (4,)))


def test_what_an_initialisation_reads_depends_on_the_cell():
    gaussian, chrono = initialisations.load("gaussian"), initialisations.load("chrono")
    assert gaussian.reads_for(cells.load("lstm")) == ("gain", "forget_bias", "input_scale")
    assert gaussian.reads_for(cells.load("tanh")) == ("gain", "input_scale")
    assert gaussian.reads_for(cells.load("minlstm")) == ("forget_bias", "input_scale")
    assert chrono.reads_for(cells.load("lstm")) == ("gain", "input_scale", "t_max")
    assert initialisations.load("torch_default").reads_for(cells.load("lstm")) == ()


@pytest.mark.parametrize(("name", "cell"), SUITED)
def test_what_is_not_read_changes_nothing(name, cell):
    read = initialisations.load(name).reads_for(cells.load(cell))
    idle = {field: value + 1.0 for field, value in FIELDS.items() if field not in read}
    one, other = weights(name, cell), weights(name, cell, **idle)
    assert all(np.array_equal(one[tensor], other[tensor]) for tensor in one)


@pytest.mark.parametrize("name", ["gaussian", "chrono"])
def test_what_is_read_and_not_given_is_named(name):
    for field in initialisations.load(name).reads:
        with pytest.raises(StudyError, match=f"{field} is missing: initialisation '{name}' of cell 'lstm' reads it"):
            weights(name, "lstm", **{field: None})


def test_an_initialisation_that_does_not_suit_the_cell_is_refused():
    with pytest.raises(StudyError, match="'gaussian' does not suit cell 'orthogonal'; allowed: orthogonal"):
        weights("gaussian", "orthogonal")
    with pytest.raises(StudyError, match="'chrono' sets a carry gate, and cell 'tanh' has none"):
        weights("chrono", "tanh")
    with pytest.raises(StudyError, match="did you mean 'gaussian'"):
        weights("gausian", "lstm")
