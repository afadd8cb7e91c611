"""What every published network declares, and the recurrent parts that it is read into."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor

from whylstm import families
from whylstm.cells.base import Cell
from whylstm.gradients.trajectory import Trajectory, Weights, run
from whylstm.wild import packages

FAMILY = "whylstm.wild.networks"


@dataclass(frozen=True)
class Direction:
    """One layer in one direction.

    Attributes:
        cell: its equations.
        weights: of a single model (B = 1, see :mod:`whylstm.gradients.trajectory`), float64.
        backwards: whether it reads the sequence from its end.
        start: the parts of its initial state, each (1, N, H); None for zeros.
    """

    cell: Cell
    weights: Weights
    backwards: bool = False
    start: Mapping[str, Tensor] | None = None


@dataclass(frozen=True)
class Part:
    """Layers one over the other, which read sequences together: an encoder, a decoder, or the whole network.

    Attributes:
        name: what it is called, such as ``encoder``.
        inputs: what its lowest layer reads, (N, T, D), float64.
        levels: its layers from the lowest one on, each of one direction or two.
    """

    name: str
    inputs: Tensor
    levels: tuple[tuple[Direction, ...], ...]


@dataclass(frozen=True)
class Run:
    """One layer of a part in one direction, run: what was read and what its states were."""

    level: int
    direction: Direction
    trajectory: Trajectory = field(repr=False)


class Network(ABC):
    """A published network. Subclasses are final: one file each.

    Class attributes:
        package: the package that holds it, as in ``packages.lock``.
        files: the files that it is read from, each with the SHA-256 of its content.
        licence: the licence that the package states.
        framework: ``torch`` or ``keras``: whose defaults it starts from.
        title: what it does, in a few words.
        reads: what one step of it reads.
        inputs: what it was given here.
        needs: the lag, in steps of its recurrent layers, that its task needs.
    """

    package: ClassVar[str]
    files: ClassVar[Mapping[str, str]]
    licence: ClassVar[str]
    framework: ClassVar[str] = "torch"
    title: ClassVar[str]
    reads: ClassVar[str]
    inputs: ClassVar[str]
    needs: ClassVar[int]

    @property
    def name(self) -> str:
        """The name of the file that defines it."""
        return type(self).__module__.rpartition(".")[2]

    @property
    def version(self) -> str:
        """The version of the package that is pinned."""
        return packages.version(self.package)

    def path(self, name: str, where: Path | None = None) -> Path:
        """Return the path of one of its files, the content checked (:func:`whylstm.wild.packages.path`)."""
        return packages.path(self.package, name, self.files[name], where)

    @abstractmethod
    def parts(self, where: Path | None = None) -> tuple[Part, ...]:
        """Return its recurrent parts as they were trained, with their true inputs.

        Args:
            where: the folder of all packages' files.

        Raises:
            StudyError: if a file is missing, another one, or does not hold the network.
        """


def names() -> list[str]:
    """Return the names of all networks, sorted."""
    return families.names(FAMILY)


def network(name: str) -> Network:
    """Return a network by its name.

    Raises:
        StudyError: if there is none of this name.
    """
    found: Network = families.load(FAMILY, name, "NETWORK")
    return found


def torch_layer(tensors: Mapping[str, Any], cell: Cell, prefix: str, tail: str) -> Direction:
    """Return a layer from tensors with the names of torch.nn, such as ``lstm.`` and ``_l0_reverse``."""
    read = {kind: tensor(tensors[f"{prefix}{kind}{tail}"]) for kind in ("weight_ih", "weight_hh")}
    biases = [tensor(tensors[f"{prefix}{kind}{tail}"]) for kind in ("bias_ih", "bias_hh")]
    return Direction(cell, weights(cell, read["weight_ih"], read["weight_hh"], *biases), tail.endswith("_reverse"))


def torch_levels(
    tensors: Mapping[str, Any],
    cell: Cell,
    prefix: str,
    layers: int,
    *,
    both: bool = False,
    starts: Sequence[Mapping[str, Tensor]] = (),
) -> tuple[tuple[Direction, ...], ...]:
    """Return a stack of layers from tensors with the names of torch.nn, with the initial state of each if any."""
    tails = ("", "_reverse") if both else ("",)
    found = [[torch_layer(tensors, cell, prefix, f"_l{at}{tail}") for tail in tails] for at in range(layers)]
    if starts:
        found = [[replace(one, start=start) for one in level] for level, start in zip(found, starts, strict=True)]
    return tuple(map(tuple, found))


def weights(cell: Cell, ih: Tensor, hh: Tensor, bias_ih: Tensor, bias_hh: Tensor) -> Weights:
    """Return the weights of one model from matrices (G·H, D), (G·H, H) and biases (G·H,), gates in torch's order."""
    gates = len(cell.gates)
    found = {"W": ih.unflatten(0, (gates, -1))[None], "U": hh.unflatten(0, (gates, -1))[None]}
    if cell.recurrent_bias:
        found |= {"b": bias_ih.unflatten(0, (gates, -1))[None], "c": bias_hh.unflatten(0, (gates, -1))[None]}
    else:
        found |= {"b": (bias_ih + bias_hh).unflatten(0, (gates, -1))[None]}
    return found


def tensor(value: Any) -> Tensor:
    """Return numbers as a float64 tensor of their own."""
    plain = value.numpy() if isinstance(value, Tensor) else value
    return torch.from_numpy(np.array(plain, dtype=np.float64))


def embedded(table: Any, read: Sequence[Sequence[int]]) -> Tensor:
    """Return the rows of an embedding that sequences of numbers name, (N, T, D)."""
    return tensor(table)[torch.tensor(read)]


def run_part(part: Part) -> list[Run]:
    """Run all layers of a part, one model or B of them, and return each layer and direction."""
    models = part.levels[0][0].weights["W"].shape[0]
    below = part.inputs.expand(models, -1, -1, -1)
    found = []
    for at, level in enumerate(part.levels):
        outputs = []
        for direction in level:
            read = below.flip(2) if direction.backwards else below
            start = None
            if direction.start is not None:
                start = {name: value.expand(models, -1, -1) for name, value in direction.start.items()}
            trajectory = run(direction.cell, direction.weights, read, start)
            found.append(Run(at, direction, trajectory))
            output = trajectory.after[direction.cell.parts[0]].permute(1, 2, 0, 3)
            outputs.append(output.flip(2) if direction.backwards else output)
        below = torch.cat(outputs, -1)
    return found


def outputs(part: Part) -> Tensor:
    """Return what the highest layer of a part gives, (N, T, H) or (N, T, 2H), for one model."""
    runs = run_part(part)
    top = [one for one in runs if one.level == runs[-1].level]
    found = [one.trajectory.after[one.direction.cell.parts[0]][:, 0].transpose(0, 1) for one in top]
    return torch.cat([out.flip(1) if one.direction.backwards else out for one, out in zip(top, found, strict=True)], -1)
