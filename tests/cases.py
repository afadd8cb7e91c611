"""The cases that every law is held against: cell × size × saturation × seed.

A case is two models with weights of their own on one sequence each. ``saturation`` scales weights and biases alike: at
0.1 every squashing function is nearly linear, at 5 most units are stuck and a few are not.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from functools import cache, cached_property

import torch
from torch import Tensor

from whylstm import cells, streams
from whylstm.cells.base import Cell
from whylstm.gradients.factors import Factors, factors
from whylstm.gradients.trajectory import Trajectory, Weights, run

SIZES = (1, 4)
SATURATIONS = (0.1, 1.0, 5.0)
SEEDS = (0, 1)
MODELS, STEPS, FEATURES = 2, 7, 2


@dataclass(frozen=True)
class Case:
    """One cell at one size, saturation and seed, with everything that follows from them."""

    name: str
    hidden: int
    saturation: float
    seed: int

    def __str__(self) -> str:
        return f"{self.name}-h{self.hidden}-x{self.saturation:g}-s{self.seed}"

    @cached_property
    def cell(self) -> Cell:
        return cells.load(self.name)

    @cached_property
    def weights(self) -> Weights:
        return random_weights(self.cell, self.hidden, self.saturation, self.seed)

    @cached_property
    def inputs(self) -> Tensor:
        """One sequence per model, (MODELS, 1, STEPS, FEATURES)."""
        return normal("inputs", (MODELS, 1, STEPS, FEATURES), self.seed)

    @cached_property
    def trajectory(self) -> Trajectory:
        return run(self.cell, self.weights, self.inputs)

    @cached_property
    def arguments(self) -> tuple[dict[str, Tensor], ...]:
        """What the cell's own methods take (s, r, a, w), for all steps at once."""
        path = self.trajectory
        return path.before, path.recurrent, path.inputs, path.own

    @cached_property
    def factors(self) -> Factors:
        return factors(self.cell, self.weights, self.trajectory)


def cases(names: list[str]) -> list[Case]:
    """Return every case of the cells called ``names``."""
    return [_case(*crossing) for crossing in itertools.product(names, SIZES, SATURATIONS, SEEDS)]


@cache
def _case(name: str, hidden: int, saturation: float, seed: int) -> Case:
    return Case(name, hidden, saturation, seed)


def random_weights(
    cell: Cell, hidden: int, saturation: float = 1.0, seed: int = 0, models: int = MODELS, features: int = FEATURES
) -> Weights:
    """Return weights whose drives have a standard deviation of about ``saturation``; options near their defaults."""
    gates, recurrent = len(cell.gates), len(cell.recurrent_gates)
    shapes = {"U": (models, recurrent, hidden, hidden), "W": (models, gates, hidden, features)}
    shapes |= {"b": (models, gates, hidden)} | ({"c": (models, recurrent, hidden)} if cell.recurrent_bias else {})
    spread = {"U": hidden**-0.5, "W": features**-0.5, "b": 1.0, "c": 1.0}
    weights = {name: saturation * spread[name] * normal(name, shape, seed) for name, shape in shapes.items()}
    weights |= {name: value + 0.3 * normal(name, (models, hidden), seed) for name, value in cell.extras.items()}
    return weights | {
        name: value * (1 + 0.2 * normal(name, (models, 1), seed).clamp(-2, 2)) for name, value in cell.options.items()
    }


def normal(name: str, shape: tuple[int, ...], seed: int) -> Tensor:
    """Return unit normal numbers, float64, from a stream of this name, shape and seed."""
    return torch.from_numpy(streams.stream(seed, "tests", name=name, shape=str(shape)).standard_normal(shape))


def one_model(weights: Weights, model: int) -> Weights:
    """Return the weights of a single model, as a batch of one."""
    return {name: value[model : model + 1] for name, value in weights.items()}


def alone(case: Case, model: int) -> tuple[Weights, Tensor]:
    """Return the weights and inputs of a single model of a case."""
    return one_model(case.weights, model), case.inputs[model : model + 1]


def without_recurrence(case: Case) -> Factors:
    """Return the factors of the same case with every recurrent matrix set to zero."""
    weights = case.weights | {"U": torch.zeros_like(case.weights["U"])}
    return factors(case.cell, weights, run(case.cell, weights, case.inputs))
