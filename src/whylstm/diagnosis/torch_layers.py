"""Layers of torch.nn in our letters: which rows of its stacked weights belong to which gate.

torch.nn.LSTM   rows i, f, g, o     biases of input and recurrence add up
torch.nn.GRU    rows r, z, n        our q, z, n; the recurrent bias of n stands inside the reset gate's product
torch.nn.RNN    one gate
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from whylstm import cells
from whylstm.diagnosis.network import Layer
from whylstm.diagnosis.numbers import check_finite, plain
from whylstm.errors import StudyError

GATES = {"tanh": ("h",), "relu": ("h",), "lstm": ("i", "f", "g", "o"), "gru": ("q", "z", "n")}
"""Our letters of the gates of each cell that torch.nn has, in the order of torch's rows."""

KINDS = {"tanh": "tanh RNN", "relu": "ReLU RNN", "lstm": "LSTM", "gru": "GRU"}
BLOCKS = {1: "tanh", 3: "gru", 4: "lstm"}
"""The cell by the number of row blocks in weight_hh."""

Named = Mapping[str, Any]


def layer(cell: str, tensors: Named, names: Named) -> Layer:
    """Return one layer of torch.nn as ours.

    Args:
        cell: our name of the cell, one of ``GATES``.
        tensors: ``weight_ih`` (G·H, D), ``weight_hh`` (G·H, H), and, with biases, ``bias_ih`` and ``bias_hh`` (G·H,).
        names: what the user calls each of them, for messages.

    Raises:
        StudyError: if a shape is not what the others say, or a number is not finite.
    """
    weights = {kind: plain(value, names[kind]) for kind, value in tensors.items()}
    check_shapes(cell, weights, names)
    for kind, value in weights.items():
        check_finite(value, names[kind], ("row", "column")[: value.dim()])
    part = cells.load(cell)
    zero = torch.zeros(weights["weight_hh"].shape[0], dtype=torch.float64)
    input_bias, kick = (weights.get(kind, zero) for kind in ("bias_ih", "bias_hh"))
    ours = {
        "W": _by_gate(cell, weights["weight_ih"]),
        "U": _by_gate(cell, weights["weight_hh"]),
        "b": _by_gate(cell, input_bias if part.recurrent_bias else input_bias + kick),
    }
    return Layer(part, ours | ({"c": _by_gate(cell, kick)} if part.recurrent_bias else {}))


def check_shapes(cell: str, weights: Mapping[str, Tensor], names: Named) -> None:
    """Do nothing if the shapes of one layer's weights agree with the cell and with each other.

    Raises:
        StudyError: naming the tensor, its shape, and the shape that it should have.
    """
    recurrent, blocks = weights["weight_hh"], len(GATES[cell])
    if recurrent.dim() != 2 or recurrent.shape[0] != blocks * recurrent.shape[1]:
        raise StudyError(
            f"{names['weight_hh']} has shape {tuple(recurrent.shape)}; {named(cell)} needs ({blocks} x units, units)"
        )
    rows = recurrent.shape[0]
    for kind, value in weights.items():
        inputs = value.shape[-1] if value.dim() else 0
        wanted = {"weight_ih": (rows, inputs), "weight_hh": tuple(recurrent.shape)}.get(kind, (rows,))
        if tuple(value.shape) != wanted:
            shape = f"({rows}, inputs)" if kind == "weight_ih" else str(wanted)
            raise StudyError(
                f"{names[kind]} has shape {tuple(value.shape)}, but {names['weight_hh']} has"
                f" {tuple(recurrent.shape)}; it should have {shape}"
            )


def named(cell: str) -> str:
    """Return a cell's kind with its article.

    >>> named("lstm"), named("tanh")
    ('an LSTM', 'a tanh RNN')
    """
    return f"{'an' if cell == 'lstm' else 'a'} {KINDS[cell]}"


def check_stacked(layers: list[Layer], names: list[str]) -> None:
    """Do nothing if every layer reads what the one below gives.

    Args:
        layers: the layers, lowest first.
        names: what the user calls the input weights of each.

    Raises:
        StudyError: naming the first layer that does not, and both sizes.
    """
    for below, above, name in zip(layers, layers[1:], names[1:], strict=False):
        if above.features == 2 * below.hidden:
            raise StudyError(
                f"{name} reads {above.features} inputs, twice the {below.hidden} units below it, as in a bidirectional"
                " network; allowed: networks that run in one direction"
            )
        if above.features != below.hidden:
            raise StudyError(f"{name} reads {above.features} inputs, but the layer below it has {below.hidden} units")


def module(layers: Sequence[Layer]) -> nn.RNNBase | None:
    """Return layers as a module of torch.nn in float64, (N, T, D); None where torch has none for them."""
    cell, hidden = layers[0].cell.name, layers[0].hidden
    same = all(one.cell.name == cell and one.hidden == hidden for one in layers)
    if cell not in GATES or not same or any(one.features != hidden for one in layers[1:]):
        return None
    kinds: dict[str, Any] = {"lstm": nn.LSTM, "gru": nn.GRU}
    options: dict[str, Any] = {} if cell in kinds else {"nonlinearity": cell}
    made: nn.RNNBase = kinds.get(cell, nn.RNN)(
        layers[0].features, hidden, len(layers), batch_first=True, dtype=torch.float64, **options
    )
    with torch.no_grad():
        for index, one in enumerate(layers):
            gates = [one.cell.gates.index(gate) for gate in GATES[cell]]
            kick = one.weights.get("c", torch.zeros_like(one.weights["b"]))
            values = {"weight_ih": "W", "weight_hh": "U", "bias_ih": "b"}
            for kind, name in values.items():
                getattr(made, f"{kind}_l{index}").copy_(one.weights[name][0, gates].flatten(0, 1))
            getattr(made, f"bias_hh_l{index}").copy_(kick[0, gates].flatten())
    return made


def _by_gate(cell: str, rows: Tensor) -> Tensor:
    """Return torch's stacked rows (G·H, ...) as (1, G, H, ...) in the order of our cell's gates."""
    blocks = dict(zip(GATES[cell], rows.tensor_split(len(GATES[cell])), strict=True))
    return torch.stack([blocks[gate] for gate in cells.load(cell).gates])[None]
