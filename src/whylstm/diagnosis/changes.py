"""Changes of a network that are worth trying, as functions from a network to a changed one, with what to do in torch.

forget bias + δ     the carry gate opens (δ > 0) or closes in every unit of every layer
chrono              forget biases log u, u ~ U(1, T-1), and input biases minus that (Tallec & Ollivier 2018)
gain x g            all recurrent matrices times g
orthogonal          each recurrent matrix replaced by the nearest orthogonal one (its polar factor), for cells
                    without carry
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from whylstm.diagnosis.network import Layer, Network
from whylstm.streams import stream

BIASES = (-1.0, 1.0, 2.0, 4.0)
GAINS = (0.5, 0.8, 1.25, 2.0)


@dataclass(frozen=True)
class Change:
    """One change.

    Attributes:
        name: its short name, such as ``forget bias +1``.
        sentence: what is done, in words.
        code: what to do to a layer of torch.nn, empty where that cannot be done; ``{l}`` is the layer's number.
        layer: makes the changed layer.
    """

    name: str
    sentence: str
    code: str
    layer: Callable[[Layer, int], Layer]

    def apply(self, network: Network) -> Network:
        """Return the changed network; the given one stays as it is."""
        return dataclasses.replace(
            network, layers=tuple(self.layer(layer, index) for index, layer in enumerate(network.layers))
        )


def worth_trying(network: Network, steps: int) -> list[Change]:
    """Return the changes that the network's cell has a place for.

    Args:
        network: the network.
        steps: T, the length of its sequences, which chrono takes for the longest dependency.
    """
    cell = network.layers[0].cell
    found = []
    if cell.carry_gate is not None:
        found += [_shifted(network, shift) for shift in BIASES]
        found += [_chrono(network, steps)] if steps > 2 else []
    if cell.recurrent_gates:
        found += [_scaled(network, factor) for factor in GAINS]
        found += [] if cell.carry_gate else [_orthogonal(network)]
    return found


def _shifted(network: Network, shift: float) -> Change:
    word = f"forget bias {'+' if shift > 0 else '−'}{abs(shift):g}"
    hidden = network.layers[0].hidden
    code = f"bias_ih_l{{l}}[{hidden}:{2 * hidden}] += {shift:g}" if network.torch_names and network.biased else ""
    return Change(
        word,
        f"{abs(shift):g} {'added to' if shift > 0 else 'taken from'} the forget bias of every unit",
        code,
        lambda layer, _: _with_bias(layer, {layer.cell.carry_gate: _bias(layer, layer.cell.carry_gate) + shift}),
    )


def _chrono(network: Network, steps: int) -> Change:
    def changed(layer: Layer, index: int) -> Layer:
        draws = stream(0, "chrono", layer=index, hidden=layer.hidden)
        opened = torch.from_numpy(draws.random(layer.hidden)).mul(steps - 2).add(1).log()
        gates = {layer.cell.carry_gate: opened}
        if layer.cell.input_gate is not None:
            gates[layer.cell.input_gate] = -opened
        return _with_bias(_without_kick(layer, list(gates)), gates)

    words = f"forget biases log u with u uniform between 1 and {steps - 1}"
    if network.layers[0].cell.input_gate is not None:
        words += ", input biases minus that"
    return Change(f"chrono, {steps} steps", words, _chrono_code(network, steps), changed)


def _chrono_code(network: Network, steps: int) -> str:
    if not (network.torch_names and network.biased):
        return ""
    hidden = network.layers[0].hidden
    code = f"bias_ih_l{{l}}[{hidden}:{2 * hidden}] = torch.log(torch.rand({hidden}) * {steps - 2} + 1)"
    code += f"; bias_hh_l{{l}}[{hidden}:{2 * hidden}] = 0"
    if network.layers[0].cell.input_gate is not None:
        code += f"; bias_ih_l{{l}}[:{hidden}] = -bias_ih_l{{l}}[{hidden}:{2 * hidden}]; bias_hh_l{{l}}[:{hidden}] = 0"
    return code


def _scaled(network: Network, factor: float) -> Change:
    code = f"weight_hh_l{{l}} *= {factor:g}" if network.torch_names else ""
    return Change(
        f"gain × {factor:g}",
        f"all recurrent weights times {factor:g}",
        code,
        lambda layer, _: Layer(layer.cell, layer.weights | {"U": layer.weights["U"] * factor}),
    )


def _orthogonal(network: Network) -> Change:
    def changed(layer: Layer, index: int) -> Layer:
        left, _, right = torch.linalg.svd(layer.weights["U"])
        return Layer(layer.cell, layer.weights | {"U": left @ right})

    code = "u, _, v = torch.linalg.svd(weight_hh_l{l}); weight_hh_l{l}.copy_(u @ v)" if network.torch_names else ""
    return Change("orthogonal", "each recurrent matrix replaced by the nearest orthogonal one", code, changed)


def _bias(layer: Layer, gate: str | None) -> Tensor:
    return layer.weights["b"][0, layer.cell.gates.index(str(gate))]


def _with_bias(layer: Layer, biases: dict[str | None, Tensor]) -> Layer:
    """Return a layer with other input biases in some gates."""
    changed = layer.weights["b"].clone()
    for gate, value in biases.items():
        changed[0, layer.cell.gates.index(str(gate))] = value
    return Layer(layer.cell, layer.weights | {"b": changed})


def _without_kick(layer: Layer, gates: list[str | None]) -> Layer:
    """Return a layer without recurrent biases in some gates, where its cell has them."""
    if not layer.cell.recurrent_bias:
        return layer
    changed = layer.weights["c"].clone()
    for gate in gates:
        changed[0, layer.cell.recurrent_gates.index(str(gate))] = 0
    return Layer(layer.cell, layer.weights | {"c": changed})
