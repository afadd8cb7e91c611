"""Modules, state dicts and our own weights become the same network; what does not fit is refused in one sentence."""

from __future__ import annotations

import pytest
import torch
from torch import nn
from torch.nn.utils import parametrizations

from tests.cases import one_model, random_weights
from tests.diagnosis.users import KINDS, inputs, module
from whylstm import cells
from whylstm.diagnosis.chain import trajectories
from whylstm.diagnosis.modules import from_module
from whylstm.diagnosis.state_dicts import from_tensors
from whylstm.errors import StudyError


def outputs(network, data):
    """Return the top layer's output, (N, T, H)."""
    return trajectories(network, data)[-1].after["h"][:, 0].transpose(0, 1)


def same(one, other):
    """Return whether two networks have the same cells and the same weights, to the bit."""
    pairs = list(zip(one.layers, other.layers, strict=True))
    return all(
        a.cell is b.cell and a.weights.keys() == b.weights.keys() and all(map(torch.equal, *map(_values, (a, b))))
        for a, b in pairs
    )


def _values(layer):
    return [layer.weights[name] for name in sorted(layer.weights)]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("layers", [1, 3])
@pytest.mark.parametrize("bias", [True, False])
def test_a_module_gives_torchs_outputs(kind, layers, bias):
    rnn = module(kind, layers, bias=bias)
    network = from_module(rnn)
    # the same sums in another order, twelve steps: some ulp
    torch.testing.assert_close(outputs(network, inputs()), rnn(inputs())[0], rtol=1e-12, atol=1e-13)
    assert network.biased is bias


@pytest.mark.parametrize(("kind", "cell"), [("tanh", nn.RNNCell), ("lstm", nn.LSTMCell), ("gru", nn.GRUCell)])
def test_a_single_step_cell_is_a_layer(kind, cell):
    step = cell(3, 5, dtype=torch.float64)
    layer = module(kind)
    layer.load_state_dict({f"{name}_l0": value for name, value in step.state_dict().items()})
    assert same(from_module(step), from_module(layer))
    assert same(from_tensors(step.state_dict()), from_module(layer))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("prefix", ["", "encoder.rnn.", "module.", "net_"])
def test_a_state_dict_under_any_prefix_is_the_module(kind, prefix):
    rnn = module(kind, 2)
    tensors = {f"{prefix}{name}": value for name, value in rnn.state_dict().items()}
    tensors |= {"head.weight": torch.ones(2, 5), "head.bias": torch.ones(2)}
    network = from_tensors(tensors, nonlinearity="relu" if kind == "relu" else None)
    assert same(network, from_module(rnn))
    assert any(word in " ".join(network.notes) for word in ("taken as", "as asked"))


def test_a_nested_checkpoint_is_searched_and_other_values_are_left_out():
    rnn = module("gru")
    checkpoint = {"epoch": 3, "model": {"rnn": rnn.state_dict()}, "optimizer": {"state": {0: {"step": torch.ones(())}}}}
    checkpoint["optimizer"]["param_groups"] = [{"lr": 0.1}]
    assert same(from_tensors(checkpoint), from_module(rnn))


def test_the_cell_is_inferred_from_the_rows_and_the_notes_say_so():
    assert (
        "(20, 5), 4 x 5 rows, so the network was taken as an LSTM" in from_tensors(module("lstm").state_dict()).notes[0]
    )
    assert "taken as a GRU" in from_tensors(module("gru").state_dict()).notes[0]
    assert "tanh was assumed" in from_tensors(module("relu").state_dict()).notes[0]
    asked = from_tensors(module("relu").state_dict(), cell="rnn", nonlinearity="relu")
    assert asked.layers[0].cell.name == "relu"
    assert from_tensors(module("relu").state_dict(), cell="relu").layers[0].cell.name == "relu"


def test_a_model_that_holds_one_layer_is_searched_and_its_name_is_noted():
    model = nn.Sequential(nn.Linear(2, 3), module("lstm"))
    assert same(from_module(model), from_module(model[1]))
    assert "'1'" in from_module(model).notes[0]


def test_of_several_layers_one_is_chosen_by_its_prefix():
    model = nn.ModuleDict({"a": module("lstm"), "b": module("gru")})
    with pytest.raises(StudyError, match="holds 2 recurrent modules; choose one by its prefix: a, b"):
        from_module(model)
    with pytest.raises(StudyError, match="choose one by its prefix: a, b"):
        from_tensors(model.state_dict())
    assert from_module(model, "b").kind == from_tensors(model.state_dict(), prefix="b").kind == "GRU"
    with pytest.raises(StudyError, match="no recurrent layer has the prefix 'c'"):
        from_tensors(model.state_dict(), prefix="c")
    with pytest.raises(StudyError, match="no recurrent module called 'c'"):
        from_module(model, "c")


def test_a_parametrised_layer_is_read_as_it_acts():
    rnn = parametrizations.orthogonal(module("tanh"), "weight_hh_l0")
    matrix = from_module(rnn).layers[0].weights["U"][0, 0]
    torch.testing.assert_close(matrix @ matrix.T, torch.eye(5), rtol=0, atol=1e-12)  # rounding of a 5 x 5 product


def test_what_was_converted_or_left_out_is_noted():
    rnn = module("lstm", 2, dtype=torch.float32, dropout=0.5)
    notes = " ".join(from_module(rnn).notes)
    assert "float32 and were converted to float64" in notes
    assert "Dropout (0.5) is left out" in notes
    assert "Dropout" not in " ".join(from_module(rnn.eval()).notes)
    assert from_module(module("lstm")).notes == ()


def test_the_users_module_is_left_alone():
    rnn = module("lstm")
    before = {name: value.clone() for name, value in rnn.state_dict().items()}
    network = from_module(rnn)
    for layer in network.layers:
        for value in layer.weights.values():
            value.zero_()
    assert all(torch.equal(value, rnn.state_dict()[name]) for name, value in before.items())


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"proj_size": 2}, "proj_size is 2, which is not supported; allowed: 0"),
        ({"bidirectional": True}, "bidirectional is True, which is not supported"),
    ],
)
def test_unsupported_options_are_refused_in_modules_and_in_state_dicts(options, message):
    rnn = module("lstm", 2, **options)
    with pytest.raises(StudyError, match=message):
        from_module(rnn)
    with pytest.raises(StudyError, match=r"bidirectional|proj_size"):
        from_tensors(rnn.state_dict())


def test_two_directions_side_by_side_are_recognised_by_their_width():
    tensors = module("lstm", 2).state_dict()
    tensors["weight_ih_l1"] = torch.zeros(20, 10)
    with pytest.raises(StudyError, match="weight_ih_l1 reads 10 inputs, twice the 5 units below it"):
        from_tensors(tensors)


@pytest.mark.parametrize("bad", [torch.nan, torch.inf, -torch.inf])
def test_a_weight_that_is_not_finite_is_named_with_its_place(bad):
    rnn = module("gru", 2)
    with torch.no_grad():
        rnn.weight_hh_l1[3, 2] = bad
        rnn.weight_hh_l1[4, 2] = bad
    with pytest.raises(
        StudyError, match=r"weight_hh_l1 holds .* at row 3, column 2 \(counted from 0\), one of 2 numbers"
    ):
        from_module(rnn)


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("weight_hh_l0", torch.zeros(21, 5), r"weight_hh_l0 has shape \(21, 5\); allowed: \(units, units\) for an RNN"),
        ("weight_hh_l0", torch.zeros(10, 5), r"weight_hh_l0 has shape \(10, 5\)"),
        ("weight_hh_l0", torch.zeros(20), r"weight_hh_l0 has shape \(20,\)"),
        ("weight_ih_l0", torch.zeros(()), r"weight_ih_l0 has shape \(\), .*; it should have \(20, inputs\)"),
        ("weight_ih_l0", torch.zeros(20), r"weight_ih_l0 has shape \(20,\), .*; it should have \(20, inputs\)"),
        ("weight_ih_l0", torch.zeros(15, 3), r"weight_ih_l0 has shape \(15, 3\), but weight_hh_l0 has \(20, 5\)"),
        ("bias_ih_l1", torch.zeros(19), r"bias_ih_l1 has shape \(19,\), but weight_hh_l1 has \(20, 5\)"),
        ("weight_ih_l1", torch.zeros(20, 6), "weight_ih_l1 reads 6 inputs, but the layer below it has 5 units"),
        (
            "weight_hh_l1",
            torch.zeros(20, 5, dtype=torch.int64),
            "weight_hh_l1 has dtype int64; allowed: floating-point",
        ),
        ("weight_hh_l1", torch.zeros(15, 5), r"weight_hh_l1 has shape \(15, 5\); an LSTM needs \(4 x units, units\)"),
    ],
)
def test_a_wrong_shape_or_dtype_is_named_with_the_right_one(key, value, message):
    with pytest.raises(StudyError, match=message):
        from_tensors({**module("lstm", 2).state_dict(), key: value})


def test_missing_keys_are_named():
    tensors = module("lstm", 3).state_dict()
    for key in [name for name in tensors if name.endswith("_l1")]:
        del tensors[key]
    with pytest.raises(StudyError, match="lacks the weight_ih of layer 1"):
        from_tensors(tensors)
    tensors = module("lstm").state_dict()
    del tensors["bias_hh_l0"]
    with pytest.raises(StudyError, match="lacks the bias_hh of layer 0"):
        from_tensors(tensors)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"cell": "gru"}, r"cell: 'gru' does not fit weight_hh_l0 with shape \(20, 5\), which is that of an LSTM"),
        ({"cell": "lstn"}, "cell: 'lstn' is none of torch.nn's; did you mean 'lstm'?"),
        ({"nonlinearity": "gelu"}, "nonlinearity: 'gelu' is not allowed; allowed: tanh, relu"),
        ({"nonlinearity": "relu"}, "nonlinearity is that of a simple RNN, and weight_hh_l0 is that of an LSTM"),
    ],
)
def test_a_wish_that_does_not_fit_is_refused(options, message):
    with pytest.raises(StudyError, match=message):
        from_tensors(module("lstm").state_dict(), **options)


@pytest.mark.parametrize("name", cells.names())
def test_every_cell_of_ours_is_read_by_its_letters(name):
    cell = cells.load(name)
    weights = one_model(random_weights(cell, 4, seed=2), 0)
    bare = {key: value[0] for key, value in weights.items() if value.numel()}
    for given in (weights, bare):
        found = from_tensors({key: value for key, value in given.items() if value.numel()}, cell=name).layers[0]
        assert found.cell is cell
        assert found.weights.keys() >= weights.keys()
        assert all(torch.equal(found.weights[key], value) for key, value in weights.items())


def test_extras_and_options_that_are_not_given_have_the_declared_values_and_are_noted():
    weights = one_model(random_weights(cells.load("leaky"), 4), 0)
    found = from_tensors({key: value for key, value in weights.items() if key != "alpha"}, cell="leaky")
    assert found.layers[0].weights["alpha"].unique() == cells.load("leaky").options["alpha"]
    assert "alpha is not given" in found.notes[0]


@pytest.mark.parametrize(
    ("change", "cell", "message"),
    [
        ({}, None, "need the cell that they belong to .*; allowed: .*lstm"),
        ({}, "lsm", "no part 'lsm'; did you mean 'lstm'?"),
        ({"W": torch.zeros(3, 4, 2)}, "lstm", r"W has shape \(3, 4, 2\); lstm needs \(4, units, inputs\)"),
        ({"U": torch.zeros(4, 4, 3)}, "lstm", r"U has shape \(4, 4, 3\); the shape of W asks for \(4, 4, 4\)"),
        ({"b": torch.full((4, 4), torch.nan)}, "lstm", "b holds nan at gate 0, unit 0"),
        ({"q": torch.zeros(4)}, "lstm", "lstm has no weights 'q'"),
    ],
)
def test_our_weights_are_refused_where_they_do_not_fit(change, cell, message):
    weights = {key: value[0] for key, value in random_weights(cells.load("lstm"), 4, models=1).items()}
    with pytest.raises(StudyError, match=message):
        from_tensors({**weights, **change}, cell=cell)


def test_weights_without_a_recurrent_layer_are_refused_with_what_they_are():
    with pytest.raises(StudyError, match="no recurrent weights in it: it holds weight, bias"):
        from_tensors(nn.Linear(2, 3).state_dict())
    with pytest.raises(StudyError, match="the Linear holds no recurrent module"):
        from_module(nn.Linear(2, 3))
    weights = random_weights(cells.load("lstm"), 4, models=1)
    del weights["b"]
    with pytest.raises(StudyError, match="lstm needs the weights 'b' with shape"):
        from_tensors(weights, cell="lstm")
