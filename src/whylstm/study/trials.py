"""Trials: what is trained, named by its content. One trial is one arm of an experiment at one length and size.

As with design points, a trial's id is made from its content, and the number of replicates is no content: one more seed
trains one more network. Neither are the names of experiment and arm, under which the same trial may stand twice.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, fields
from functools import cached_property
from typing import TYPE_CHECKING, Any

from whylstm import cells, initialisations
from whylstm.errors import StudyError
from whylstm.study.design import READ_BY_INITIALISATIONS

if TYPE_CHECKING:
    from whylstm.training.ensemble import Member
    from whylstm.training.plan import Plan

Scalar = str | int | float | bool | None

ARM = ("rate", "clip_norm", "clip_value", "omega", "detach")
"""Settings that may differ between the members of one ensemble, beside the weights that they start from."""


@dataclass(frozen=True)
class Trial:
    """One trial. A field that is not read is None, and no content.

    Attributes:
        cell, initialisation, task, optimiser: names of parts.
        gain, forget_bias, input_scale, t_max: what the initialisation reads.
        hidden: hidden units H.
        shortest, longest: training lengths; the task is examined at the longest.
        sequences: sequences per update.
        budget: updates after which a run ends unsolved.
        every: updates between examinations.
        screen, examined: sequences of an examination's two stages.
        rate: learning rate.
        clip_norm, clip_value: thresholds for the gradient's norm, and for each of its numbers.
        omega: weight of Pascanu's regulariser.
        detach: probability that a step's h-edges are cut in the backward pass.
        precision: float32 or float64.
        stop: whether a solved network stops.
        record: updates per row of the learning curve.
        probes: probes per decade of updates.
        extrapolate: lengths at which the trained networks are scored.
        options: the cell's own constants, (name, value) in the order of their names.
    """

    cell: str
    initialisation: str
    gain: float | None
    forget_bias: float | None
    input_scale: float | None
    t_max: float | None
    hidden: int
    task: str
    shortest: int
    longest: int
    optimiser: str
    sequences: int
    budget: int
    every: int
    screen: int
    examined: int
    rate: float
    clip_norm: float | None
    clip_value: float | None
    omega: float
    detach: float
    precision: str
    stop: bool
    record: int
    probes: int
    extrapolate: tuple[int, ...] = ()
    options: tuple[tuple[str, float], ...] = ()

    @property
    def content(self) -> dict[str, Scalar]:
        """The fields that are read, flat."""
        row = {name: value for name, value in self.row().items() if value is not None and name != "options"}
        return {**row, **{f"option.{name}": value for name, value in self.options}}

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the content, 64 hexadecimal digits."""
        from whylstm.streams import digest  # here, because it brings numpy along

        return digest(self.content)

    @property
    def id(self) -> str:
        """The name of the trial's files, such as ``lstm-h50-t100-0a1b2c3d4e``."""
        return f"{self.cell}-h{self.hidden}-t{self.longest}-{self.digest[:10]}"

    @property
    def shared(self) -> tuple[Any, ...]:
        """What all trials of one ensemble have in common: everything but the arm's settings and the first weights."""
        own = {*ARM, *READ_BY_INITIALISATIONS, "initialisation", "options"}
        return tuple(getattr(self, field.name) for field in fields(self) if field.name not in own)

    def row(self) -> dict[str, Scalar]:
        """Return all fields by name, options and lengths as texts."""
        row: dict[str, Any] = {field.name: getattr(self, field.name) for field in fields(self)}
        texts = {"options": " ".join(f"{name}={value!r}" for name, value in self.options)}
        return row | texts | {"extrapolate": " ".join(str(length) for length in self.extrapolate)}

    def plan(self, seed: int) -> Plan:
        """Return the plan that the trial's networks are trained by."""
        from whylstm.training.evaluate import Examination  # here, because it brings torch along
        from whylstm.training.plan import Plan

        return Plan(
            seed=seed,
            task=self.task,
            lengths=(self.shortest, self.longest),
            optimiser=self.optimiser,
            count=self.sequences,
            budget=self.budget,
            examination=Examination(self.every, self.screen, self.examined),
            record=self.record,
            probes_per_decade=self.probes,
            stop_when_solved=self.stop,
        )

    def member(self, replicate: int) -> Member:
        """Return the settings of one replicate; its name is the trial's id and the replicate, with a slash between."""
        from whylstm.training.ensemble import Member

        return Member(f"{self.id}/{replicate}", replicate, **{name: getattr(self, name) for name in ARM})


def trials(training: dict[str, Any]) -> dict[tuple[str, str], list[Trial]]:
    """Return the trials of the config's ``training``, by (experiment, arm), in the order of the config.

    Raises:
        StudyError: if a cell and an initialisation do not go together, or something is missing that is read.
    """
    shared = {name: value for name, value in training.items() if name not in ("experiments", "replicates")}
    found = {}
    for experiment, settings in training["experiments"].items():
        for arm, own in settings["arms"].items():
            path = f"training.experiments.{experiment}.arms.{arm}"
            fields_of = {**shared, **{k: v for k, v in settings.items() if k != "arms"}, **own}
            found[experiment, arm] = list(_crossing(path, fields_of))
    return found


def _crossing(path: str, given: dict[str, Any]) -> Iterator[Trial]:
    """Yield an arm's trials: one for each length and hidden size."""
    cell, part = cells.load(given["cell"]), initialisations.load(given["initialisation"])
    try:
        part.check(cell)
    except StudyError as error:
        raise StudyError(f"{path}.{error}") from error
    for length, hidden in itertools.product(given["lengths"], given["hidden"]):
        shortest, longest = (length, length) if isinstance(length, int) else length
        read: dict[str, Any] = dict.fromkeys(READ_BY_INITIALISATIONS)
        read |= {name: given.get(name) for name in part.reads_for(cell)}
        if "t_max" in part.reads_for(cell):
            read["t_max"] = float(given.get("t_max") or longest)
        for name, value in read.items():
            if value is None and name in part.reads_for(cell):
                raise StudyError(f"{path}.{name} is missing: initialisation {part.name} reads it")
        options = tuple(
            (name, float(given.get("options", {}).get(name, cell.options[name]))) for name in sorted(cell.options)
        )
        yield Trial(**_plain(given), **read, hidden=hidden, shortest=shortest, longest=longest, options=options)


def _plain(given: dict[str, Any]) -> dict[str, Any]:
    """Return the fields that are taken as they are given, with the defaults of those that may be left out."""
    defaults: dict[str, Any] = {"clip_norm": None, "clip_value": None, "omega": 0.0, "detach": 0.0, "stop": True}
    taken = {**defaults, **given, "extrapolate": tuple(given.get("extrapolate", ()))}
    crossed = {*READ_BY_INITIALISATIONS, "hidden", "shortest", "longest", "options"}
    return {field.name: taken[field.name] for field in fields(Trial) if field.name not in crossed}
