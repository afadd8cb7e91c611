"""The weights of one of our cells by our letters: U, W, b, c, extras and options, as a network of one layer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from whylstm import cells, families
from whylstm.cells.base import Cell
from whylstm.diagnosis.network import Layer, Network
from whylstm.diagnosis.numbers import check_finite, plain, was
from whylstm.errors import StudyError

AXES = {
    "U": ("gate", "row", "column"),
    "W": ("gate", "row", "column"),
    "b": ("gate", "unit"),
    "c": ("gate", "unit"),
}


def from_weights(tensors: Mapping[str, Any], name: str | None) -> Network:
    """Return one layer of our cell ``name``.

    Args:
        tensors: by our letters, with or without a leading axis of length 1 for the model: U (R, H, H), W (G, H, D),
            b (G, H), c (R, H) if the cell has recurrent biases, extras (H,) and options (1,); the latter two may be
            left out, and have then the values that the cell declares.
        name: of the cell.

    Raises:
        StudyError: if the names are not ours or torch's, the cell is missing or unknown, or a shape does not fit.
    """
    cell = named(tensors, name)
    shapes = expected(cell, tensors)
    if unknown := sorted(set(tensors) - set(shapes)):
        raise StudyError(
            f"{cell.name} has no weights {unknown[0]!r}; {families.did_you_mean(unknown[0], list(shapes))}"
        )
    notes = _notes(tensors)
    declared = {**cell.extras, **cell.options}
    weights = {
        key: fitted(key, tensors.get(key), shape) for key, shape in shapes.items() if key in tensors or 0 in shape
    }
    for key in (key for key in shapes if key not in weights):
        if key not in declared:
            raise StudyError(
                f"{cell.name} needs the weights {key!r} with shape {shapes[key]}; given: {', '.join(tensors)}"
            )
        weights[key] = torch.full((1, *shapes[key]), float(declared[key]), dtype=torch.float64)
        notes.append(f"{key} is not given and has the value that the cell declares, {declared[key]:g}, in every unit.")
    return Network((Layer(cell, weights),), f"network of the cell {cell.name}", notes=tuple(notes))


def named(tensors: Mapping[str, Any], name: str | None) -> Cell:
    """Return the cell of our own that weights belong to.

    Raises:
        StudyError: if they are not named as ours are, or the cell is missing or unknown.
    """
    if "W" not in tensors:
        known = ", ".join(list(tensors)[:4]) or "no tensor"
        raise StudyError(
            f"there are no recurrent weights in it: it holds {known}; allowed: names such as weight_hh_l0 of"
            " torch.nn.RNN, LSTM or GRU, or U, W, b of a cell of ours"
        )
    if name is None:
        allowed = ", ".join(cells.names())
        raise StudyError(f"weights named U, W, b need the cell that they belong to (--cell NAME); allowed: {allowed}")
    return cells.load(name)


def expected(cell: Cell, tensors: Mapping[str, Any]) -> dict[str, tuple[int, ...]]:
    """Return the shape of every tensor of a cell, without the axis of the model, from the shape of W.

    Raises:
        StudyError: if W itself cannot be right.
    """
    shape = tuple(tensors["W"].shape)
    bare = shape[1:] if len(shape) == 4 and shape[0] == 1 else shape
    gates, recurrent = len(cell.gates), len(cell.recurrent_gates)
    if len(bare) != 3 or bare[0] != gates:
        raise StudyError(f"W has shape {shape}; {cell.name} needs ({gates}, units, inputs)")
    hidden = bare[1]
    shapes: dict[str, tuple[int, ...]] = {"W": bare, "U": (recurrent, hidden, hidden), "b": (gates, hidden)}
    shapes |= {"c": (recurrent, hidden)} if cell.recurrent_bias else {}
    return shapes | dict.fromkeys(cell.extras, (hidden,)) | dict.fromkeys(cell.options, (1,))


def fitted(name: str, value: Any, shape: tuple[int, ...]) -> Tensor:
    """Return a tensor as float64 with a leading axis for the model, if it has this shape and is finite.

    Raises:
        StudyError: naming both shapes, or the place of what is not finite.
    """
    if 0 in shape:
        return torch.zeros((1, *shape), dtype=torch.float64)
    found = plain(value, name)
    if tuple(found.shape) not in (shape, (1, *shape)):
        raise StudyError(f"{name} has shape {tuple(found.shape)}; the shape of W asks for {shape}")
    found = found.reshape(shape)
    check_finite(found, name, AXES.get(name, ("unit",)))
    return found[None]


def _notes(tensors: Mapping[str, Any]) -> list[str]:
    kinds = sorted({was(value) for value in tensors.values()} - {"float64"})
    return [f"The weights are {kind} and were converted to float64, in which everything is computed." for kind in kinds]
