"""Weights by name as networks: a state dict of torch.nn under any prefix, or the weights of one of our cells.

Which cell a state dict belongs to is read from its shapes: weight_hh has one block of rows for an RNN, three for a GRU
and four for an LSTM. An RNN's nonlinearity is not in its weights; tanh is assumed unless the user says otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from whylstm import families
from whylstm.diagnosis import own_weights, torch_layers
from whylstm.diagnosis.network import Network
from whylstm.diagnosis.numbers import was
from whylstm.errors import StudyError

KEY = re.compile(r"(?P<prefix>.*?)(?P<kind>weight_ih|weight_hh|bias_ih|bias_hh|weight_hr)(?P<layer>_l\d+)?(?P<tail>.*)")

Group = dict[str, dict[str, str]]
"""One recurrent module: by layer (such as ``_l0``) and kind (such as ``weight_ih``), the key in the state dict."""


def from_tensors(
    tensors: Mapping[str, Any], cell: str | None = None, nonlinearity: str | None = None, prefix: str | None = None
) -> Network:
    """Return the network that weights by name belong to.

    Args:
        tensors: a state dict, maybe nested (a checkpoint), or the weights of one of our cells (U, W, b ...).
        cell: our name of the cell, or ``rnn``; inferred from the shapes if left out.
        nonlinearity: of an RNN, ``tanh`` or ``relu``.
        prefix: which recurrent module is meant, where the state dict holds several.

    Raises:
        StudyError: if there is no recurrent module or more than one, or its weights do not fit together.
    """
    flat = flattened(tensors)
    found = groups(flat)
    if not found:
        return own_weights.from_weights(flat, cell)
    start = chosen(found, prefix)
    group = found[start]
    check_keys(group)
    name, how = kind_of(flat, group, cell, nonlinearity)
    layers = [torch_layers.layer(name, {kind: flat[key] for kind, key in group[at].items()}, group[at]) for at in group]
    torch_layers.check_stacked(layers, [kinds["weight_ih"] for kinds in group.values()])
    biased = "bias_ih" in group["_l0"]
    network = Network(tuple(layers), torch_layers.KINDS[name], torch_names=True, biased=biased)
    return network.noted(how, *_notes(flat, group, start))


def flattened(tensors: Mapping[str, Any], start: str = "") -> dict[str, Any]:
    """Return a nested mapping's tensors by dotted names; what is no tensor (an epoch, say) is left out."""
    flat: dict[str, Any] = {}
    for name, value in tensors.items():
        if isinstance(value, Mapping):
            flat |= flattened(value, f"{start}{name}.")
        elif hasattr(value, "dtype") and hasattr(value, "shape"):
            flat[f"{start}{name}"] = value
    return flat


def groups(flat: Mapping[str, Any]) -> dict[str, Group]:
    """Return the recurrent modules in a flat state dict by prefix; single-step cells count as a layer ``_l0``.

    Raises:
        StudyError: if a key belongs to a bidirectional or projected layer.
    """
    found: dict[str, Group] = {}
    for key in flat:
        match = KEY.fullmatch(key)
        if match is None or match["tail"] not in ("", "_reverse"):
            continue
        if match["tail"]:
            raise StudyError(f"{key} belongs to a bidirectional network; allowed: networks that run in one direction")
        if match["kind"] == "weight_hr":
            raise StudyError(f"{key} belongs to a network with proj_size; allowed: networks without (proj_size 0)")
        found.setdefault(match["prefix"], {}).setdefault(match["layer"] or "_l0", {})[match["kind"]] = key
    return {start: _in_order(group) for start, group in found.items()}


def _in_order(group: Group) -> Group:
    return dict(sorted(group.items(), key=lambda item: int(item[0].removeprefix("_l"))))


def chosen(found: Mapping[str, Group], prefix: str | None) -> str:
    """Return the prefix of the recurrent module that is meant.

    Raises:
        StudyError: if none or more than one fits.
    """
    names = sorted(found)
    if prefix is not None:
        names = [name for name in names if name.rstrip(".") == prefix.rstrip(".")]
    if not names:
        allowed = sorted(name.rstrip(".") or "''" for name in found)
        raise StudyError(f"no recurrent layer has the prefix {prefix!r}; {families.did_you_mean(str(prefix), allowed)}")
    if len(names) > 1:
        raise StudyError(
            f"the state dict holds {len(names)} recurrent modules; choose one by its prefix:"
            f" {', '.join(name.rstrip('.') for name in names)}"
        )
    return names[0]


def check_keys(group: Group) -> None:
    """Do nothing if the layers are numbered from 0 without gaps and each has its weights, and all or none biases.

    Raises:
        StudyError: naming the key that is missing.
    """
    with_bias = any("bias" in kind for kinds in group.values() for kind in kinds)
    needed = ["weight_ih", "weight_hh", *(["bias_ih", "bias_hh"] if with_bias else [])]
    top = max(int(at.removeprefix("_l")) for at in group)
    example = next(iter(next(iter(group.values())).values()))
    for index in range(top + 1):
        for kind in needed:
            if kind not in group.get(f"_l{index}", {}):
                raise StudyError(
                    f"the state dict has {example} but lacks the {kind} of layer {index}; needed: {needed}"
                )


def kind_of(flat: Mapping[str, Any], group: Group, cell: str | None, nonlinearity: str | None) -> tuple[str, str]:
    """Return our name of the cell, and a sentence that says how it is known.

    Raises:
        StudyError: if the shapes belong to no cell of torch.nn, or to another than the one that is asked for.
    """
    key = group["_l0"]["weight_hh"]
    shape = tuple(flat[key].shape)
    blocks = shape[0] / shape[1] if len(shape) == 2 and shape[1] else 0
    if blocks not in torch_layers.BLOCKS:
        raise StudyError(
            f"{key} has shape {shape}; allowed: (units, units) for an RNN, (3 x units, units) for a GRU,"
            " (4 x units, units) for an LSTM"
        )
    inferred = torch_layers.BLOCKS[int(blocks)]
    wanted = _wanted(cell, nonlinearity, inferred)
    if len(torch_layers.GATES[wanted]) != blocks:
        raise StudyError(
            f"cell: {cell!r} does not fit {key} with shape {shape}, which is that of"
            f" {torch_layers.named(inferred) if inferred != 'tanh' else 'an RNN'}"
        )
    if nonlinearity is not None and inferred != "tanh":
        raise StudyError(f"nonlinearity is that of a simple RNN, and {key} is that of {torch_layers.named(inferred)}")
    if cell is not None or (inferred == "tanh" and nonlinearity is not None):
        return wanted, f"The weights were read as those of {torch_layers.named(wanted)}, as asked."
    said = f"{key} has shape {shape}, {int(blocks)} x {shape[1]} rows, so the network was taken as "
    if inferred == "tanh":
        return wanted, f"{said}a simple RNN; its nonlinearity is not in the weights, and tanh was assumed."
    return wanted, f"{said}{torch_layers.named(wanted)}."


def _wanted(cell: str | None, nonlinearity: str | None, inferred: str) -> str:
    allowed = ["rnn", *torch_layers.GATES]
    if cell is not None and cell not in allowed:
        raise StudyError(f"cell: {cell!r} is none of torch.nn's; {families.did_you_mean(cell, allowed)}")
    if nonlinearity not in (None, "tanh", "relu"):
        raise StudyError(f"nonlinearity: {nonlinearity!r} is not allowed; allowed: tanh, relu")
    simple = inferred if cell is None else cell
    if simple in ("rnn", "tanh") and nonlinearity is not None:
        return nonlinearity
    return "tanh" if simple == "rnn" else simple


def _notes(flat: Mapping[str, Any], group: Group, start: str) -> list[str]:
    notes = [f"The weights are those under the prefix {start!r}."] if start else []
    weight = flat[group["_l0"]["weight_hh"]]
    if was(weight) != "float64":
        notes.append(f"The weights are {was(weight)} and were converted to float64, in which everything is computed.")
    return notes
