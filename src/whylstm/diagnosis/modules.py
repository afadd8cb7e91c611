"""Recurrent modules of torch.nn as networks: RNN, LSTM, GRU, their single-step cells, or a model that holds one."""

from __future__ import annotations

from torch import nn

from whylstm.diagnosis import torch_layers
from whylstm.diagnosis.network import Network
from whylstm.diagnosis.numbers import was
from whylstm.errors import StudyError

MODES = {"RNN_TANH": "tanh", "RNN_RELU": "relu", "LSTM": "lstm", "GRU": "gru"}
PLAIN = (nn.RNN, nn.LSTM, nn.GRU, nn.RNNCell, nn.LSTMCell, nn.GRUCell)
WEIGHTS = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")


def from_module(module: nn.Module, prefix: str | None = None) -> Network:
    """Return a module's recurrent layers as a network.

    Args:
        module: a torch.nn.RNN, LSTM or GRU, one of their cells, or a model that holds exactly one of these.
        prefix: the recurrent module's name within the model, where it holds several.

    Raises:
        StudyError: if there is none or more than one, or it uses an option that is not supported.
    """
    name, found = recurrent(module, prefix)
    if name and isinstance(found, nn.RNNCellBase):
        raise StudyError(
            f"the model calls {name!r}, a {type(found).__name__}, step by step, and what stands between its steps is"
            " only seen when the model runs; allowed: the model with a batch that its forward takes, without exact"
        )
    check_options(found)
    layers, names = _layers(found)
    torch_layers.check_stacked(layers, names)
    cell = layers[0].cell.name
    network = Network(
        tuple(layers),
        torch_layers.KINDS[cell],
        torch_names=True,
        biased=bool(found.bias),
        time_first=None if isinstance(found, nn.RNNCellBase) else not found.batch_first,
    )
    return network.noted(*_notes(name, found))


def recurrent(module: nn.Module, prefix: str | None) -> tuple[str, nn.Module]:
    """Return the one recurrent module within a module, with its name.

    Raises:
        StudyError: if there is not exactly one, naming those that there are.
    """
    found = {name: part for name, part in module.named_modules() if isinstance(part, nn.RNNBase | nn.RNNCellBase)}
    if prefix is not None:
        found = {name: part for name, part in found.items() if name == prefix.rstrip(".")}
    if not found:
        where = "" if prefix is None else f" called {prefix!r}"
        raise StudyError(
            f"the {type(module).__name__} holds no recurrent module{where}; allowed: torch.nn.RNN, LSTM or GRU, or a"
            " model with one of them"
        )
    if len(found) > 1:
        raise StudyError(
            f"the {type(module).__name__} holds {len(found)} recurrent modules; choose one by its prefix:"
            f" {', '.join(found)}"
        )
    return next(iter(found.items()))


def check_options(module: nn.Module) -> None:
    """Do nothing if every option of a recurrent module is supported.

    Raises:
        StudyError: for proj_size and bidirectional.
    """
    if getattr(module, "proj_size", 0):
        raise StudyError(f"proj_size is {module.proj_size}, which is not supported; allowed: 0")
    if getattr(module, "bidirectional", False):
        raise StudyError("bidirectional is True, which is not supported; allowed: networks that run in one direction")


def _layers(module: nn.Module) -> tuple[list, list[str]]:
    """Return the layers of a recurrent module, and what each one's input weights are called."""
    layers, names = [], []
    for index in range(getattr(module, "num_layers", 1)):
        tail = f"_l{index}" if isinstance(module, nn.RNNBase) else ""
        called = {kind: f"{kind}{tail}" for kind in WEIGHTS if getattr(module, f"{kind}{tail}", None) is not None}
        tensors = {kind: getattr(module, name) for kind, name in called.items()}
        layers.append(torch_layers.layer(_cell(module), tensors, called))
        names.append(called["weight_ih"])
    return layers, names


def _cell(module: nn.Module) -> str:
    """Return our name of the cell."""
    if isinstance(module, nn.RNNBase):
        return MODES[module.mode]
    if isinstance(module, nn.RNNCell):
        return str(module.nonlinearity)
    return "lstm" if isinstance(module, nn.LSTMCell) else "gru"


def _notes(name: str, module: nn.Module) -> list[str]:
    """Return what the user should know about how the module was read."""
    weight = next(module.parameters())
    notes = [f"The inputs are taken as those of the model's part {name!r}."] if name else []
    if was(weight) != "float64":
        notes.append(f"The weights are {was(weight)} and were converted to float64, in which everything is computed.")
    if getattr(module, "dropout", 0) and module.training:
        notes.append(f"Dropout ({module.dropout:g}) is left out, as it is when the module is in eval mode.")
    if type(module) not in PLAIN:
        notes.append(
            f"{type(module).__name__} is a class of its own; it was measured as the torch.nn layer it extends."
        )
    return notes
