"""Design points: what is computed, named by its content.

A point is one cell with one setting of the grid on one task. Its id is made from its content, so that reordering the
config, adding values or cells, and changing the number of replicates leave every other point's id as it is.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass, fields
from functools import cached_property
from typing import TYPE_CHECKING, Any

from whylstm import cells, initialisations
from whylstm.errors import StudyError

if TYPE_CHECKING:
    from whylstm.cells.base import Cell
    from whylstm.initialisations.base import Initialisation

MOST_POINTS = 1_000_000
READ_BY_INITIALISATIONS = ("gain", "forget_bias", "input_scale", "t_max")

Scalar = str | int | float | None


@dataclass(frozen=True)
class Point:
    """One design point. A field that the cell or its initialisation does not read is None, and no content.

    Attributes:
        cell, initialisation, task: names of parts.
        gain: gain σ_w of the recurrent weights.
        forget_bias: bias of the gate that keeps the state (a logit).
        input_scale: scale of the input weights.
        hidden: hidden units H.
        length: steps T of the input sequence.
        lags: the largest lag k, in steps.
        windows: windows per sequence.
        hops: the largest number of recurrent matrices that is told apart.
        options: the cell's own constants, (name, value) in the order of their names.
        t_max: the longest dependency that the initialisation expects, in steps.
    """

    cell: str
    initialisation: str
    gain: float | None
    forget_bias: float | None
    input_scale: float | None
    hidden: int
    length: int
    task: str
    lags: int
    windows: int
    hops: int
    options: tuple[tuple[str, float], ...] = ()
    t_max: float | None = None

    @property
    def content(self) -> dict[str, Scalar]:
        """The fields that are read, flat. A later field that is None by default leaves all older ids as they are."""
        row = {name: value for name, value in self.row().items() if value is not None and name != "options"}
        return {**row, **{f"option.{name}": value for name, value in self.options}}

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the content, 64 hexadecimal digits."""
        from whylstm.streams import digest  # here, because it brings numpy along

        return digest(self.content)

    @cached_property
    def id(self) -> str:
        """The name of the point's files, such as ``lstm-h64-0a1b2c3d4e``."""
        return f"{self.cell}-h{self.hidden}-{self.digest[:10]}"

    @property
    def label(self) -> str:
        """The point in words, for messages and logs."""
        known = {name: getattr(self, name) for name in READ_BY_INITIALISATIONS}
        read = [f"{name.replace('_', ' ')} {value:g}" for name, value in known.items() if value is not None]
        own = [f"{name} {value:g}" for name, value in self.options]
        sizes = [f"H = {self.hidden}", f"T = {self.length}", f"lags {self.lags}", self.task]
        return ", ".join([self.cell, self.initialisation, *read, *own, *sizes])

    @property
    def ends(self) -> tuple[int, ...]:
        """The last steps of the windows, counted from 1, spread evenly from ``lags`` to ``length``; one: ``length``."""
        if self.windows == 1:
            return (self.length,)
        room = self.length - self.lags
        return tuple(self.lags + index * room // (self.windows - 1) for index in range(self.windows))

    def row(self) -> dict[str, Scalar]:
        """Return all fields by name, the options as one text (``alpha=0.1 beta=2.0``, or empty)."""
        row: dict[str, Scalar] = {field.name: getattr(self, field.name) for field in fields(self)}
        return row | {"options": constants_text(self.options)}


def constants_text(constants: tuple[tuple[str, float], ...]) -> str:
    """Return constants as one text, as tables hold them.

    >>> constants_text((("alpha", 0.1), ("beta", 2.0)))
    'alpha=0.1 beta=2.0'
    """
    return " ".join(f"{name}={value!r}" for name, value in constants)


def design(config: dict[str, Any]) -> list[Point]:
    """Return the points of a completed config, sorted by id.

    Raises:
        StudyError: if the same point stands in two grids, if there are too many, or if two share an id.
    """
    owner: dict[Point, str] = {}
    for name, grid in config["simulation"]["grids"].items():
        for point in crossing(name, grid):
            if point in owner:
                raise StudyError(
                    f"simulation.grids.{owner[point]} and simulation.grids.{name} both hold the point"
                    f" ({point.label}): each point may stand in one grid only"
                )
            owner[point] = name
    return _by_id(list(owner))


def crossing(name: str, grid: dict[str, Any]) -> Iterator[Point]:
    """Yield the points of one grid, each once: an axis that is not read has None for its only value.

    Raises:
        StudyError: if a cell and an initialisation do not go together, or the grid has too many points.
    """
    path = f"simulation.grids.{name}"
    pairs = itertools.product(grid["cell"], grid["initialisation"])
    crossings = [_axes(path, grid, cells.load(cell), initialisations.load(item)) for cell, item in pairs]
    count = sum(math.prod(len(axis) for axis in axes.values()) for axes in crossings)
    if count > MOST_POINTS:
        raise StudyError(f"{path} crosses to {count} points: at most {MOST_POINTS} are allowed")
    for axes in crossings:
        for values in itertools.product(*axes.values()):
            yield Point(**dict(zip(axes, values, strict=True)))


def _axes(path: str, grid: dict[str, Any], cell: Cell, initialisation: Initialisation) -> dict[str, list[Any]]:
    """Return the values of each field of a point for one cell and initialisation."""
    try:
        initialisation.check(cell)
    except StudyError as error:
        raise StudyError(f"{path}.{error}") from error
    reads = initialisation.reads_for(cell)
    for field in reads:
        if field not in grid:
            raise StudyError(f"{path}.{field} is missing: initialisation {initialisation.name} reads it")
    read = {field: grid[field] if field in reads else [None] for field in READ_BY_INITIALISATIONS}
    shared = {field: grid[field] for field in ("hidden", "length", "task")}
    fixed = {field: [grid[field]] for field in ("lags", "windows", "hops")}
    names = {"cell": [cell.name], "initialisation": [initialisation.name]}
    return {**names, **read, **shared, **fixed, "options": _options(grid, cell)}


def _options(grid: dict[str, Any], cell: Cell) -> list[tuple[tuple[str, float], ...]]:
    names = sorted(cell.options)
    values = [grid["options"].get(name, [float(cell.options[name])]) for name in names]
    return [tuple(zip(names, combination, strict=True)) for combination in itertools.product(*values)]


def _by_id(points: list[Point]) -> list[Point]:
    known: dict[str, Point] = {}
    for point in points:
        if point.id in known:
            raise StudyError(f"two points share the id {point.id}: ({known[point.id].label}) and ({point.label})")
        known[point.id] = point
    return [known[name] for name in sorted(known)]
