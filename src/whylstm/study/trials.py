"""Trials: what is trained, named by its content. One trial is one arm of an experiment at one length and size.

As with design points, a trial's id is made from its content, and the number of replicates is no content: one more seed
trains one more network. Neither are the names of experiment and arm, under which the same trial may stand twice.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any

from whylstm import initialisations, readers
from whylstm.errors import StudyError
from whylstm.study.design import READ_BY_INITIALISATIONS, constants_text
from whylstm.training import compiled_cells, optimisers

Scalar = str | int | float | bool | None

MEMBER = ("rate", "clip_norm", "clip_value", "omega", "detach")
"""Settings that may differ between the members of one ensemble, beside the weights that they start from."""


PLANNING = tuple(f"whylstm.study.{name}" for name in ("design", "training_chunks", "training_cost", "trials"))
"""Modules that decide what is trained, and what beside what: a network's numbers depend on them by its trial alone."""

MUST_EXCEED = 2
"""What ``t_max`` must exceed, be it given (the schema says so there) or taken from the length."""


@dataclass(frozen=True)
class Trial:
    """One trial. A field that is not read is None, and no content.

    Attributes:
        cell, initialisation, task, optimiser: names of parts; the cell may be any reader.
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
        optimiser_options: the optimiser's, where they are not its defaults.
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
    optimiser_options: tuple[tuple[str, float], ...] = ()

    @property
    def content(self) -> dict[str, Scalar]:
        """The fields that are read, flat."""
        constants = {"options": "option", "optimiser_options": "optimiser"}
        row = {name: value for name, value in self.row().items() if value is not None and name not in constants}
        return row | {
            f"{key}.{name}": value for field, key in constants.items() for name, value in getattr(self, field)
        }

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
        own = {*MEMBER, *READ_BY_INITIALISATIONS, "initialisation", "options"}
        return tuple(getattr(self, field.name) for field in fields(self) if field.name not in own)

    @property
    def modules(self) -> tuple[str, ...]:
        """The dotted names of the parts that it names: no import leads to them."""
        parts = {"initialisations": self.initialisation, "tasks": self.task, "training.optimisers": self.optimiser}
        if self.cell in compiled_cells.names():
            parts["training.compiled_cells"] = self.cell
        return readers.module(self.cell), *(f"whylstm.{family}.{name}" for family, name in parts.items())

    def row(self) -> dict[str, Scalar]:
        """Return all fields by name, options and lengths as texts."""
        row: dict[str, Any] = {field.name: getattr(self, field.name) for field in fields(self)}
        texts = {name: constants_text(getattr(self, name)) for name in ("options", "optimiser_options")}
        return row | texts | {"extrapolate": " ".join(str(length) for length in self.extrapolate)}


@dataclass(frozen=True)
class Arm:
    """One arm of an experiment, with all that holds for it.

    Attributes:
        experiment, name: what the config calls them.
        replicates: how many networks each of its trials has.
        settings: its own settings over its experiment's over those of ``training``.
    """

    experiment: str
    name: str
    replicates: int
    settings: dict[str, Any]

    @property
    def path(self) -> str:
        """Where it stands in the config."""
        return f"training.experiments.{self.experiment}.arms.{self.name}"


def arms(training: dict[str, Any]) -> Iterator[Arm]:
    """Yield the arms that are run, in the order of the config."""
    shared = {name: value for name, value in training.items() if name not in ("experiments", "only")}
    for name in training.get("only", training["experiments"]):
        given = training["experiments"][name]
        own = {key: value for key, value in given.items() if key not in ("arms", "only")}
        for arm in given.get("only", given["arms"]):
            settings = {**shared, **own, **given["arms"][arm]}
            yield Arm(name, arm, settings.pop("replicates"), settings)


def trials(training: dict[str, Any]) -> dict[tuple[str, str], list[Trial]]:
    """Return the trials of the config's ``training``, by (experiment, arm), in the order of the config.

    Raises:
        StudyError: if a cell and an initialisation do not go together, something is missing that is read, or a trial
            stands twice in one experiment.
    """
    found: dict[tuple[str, str], list[Trial]] = {}
    owner: dict[tuple[str, Trial], Arm] = {}
    for arm in arms(training):
        found[arm.experiment, arm.name] = list(_crossing(arm.path, arm.settings))
        for trial in found[arm.experiment, arm.name]:
            other = owner.setdefault((arm.experiment, trial), arm)
            if other is not arm:
                raise StudyError(
                    f"{other.path} and {arm.path} are the same trial at length {trial.longest}: what they say"
                    " differently is not read by their cell and initialisation"
                )
    return found


def replicates(training: dict[str, Any]) -> dict[Trial, int]:
    """Return how many networks each trial has; of two experiments that share one, the larger number.

    Raises:
        StudyError: as :func:`trials`; or if two trials share an id.
    """
    found, counts = trials(training), dict[Trial, int]()
    for arm in arms(training):
        for trial in found[arm.experiment, arm.name]:
            counts[trial] = max(arm.replicates, counts.get(trial, 0))
    known: dict[str, Trial] = {}
    for trial in counts:
        if known.setdefault(trial.id, trial) is not trial:
            raise StudyError(f"two trials share the id {trial.id}")
    return counts


def seeds(training: dict[str, Any]) -> dict[tuple[str, str], int]:
    """Return how many networks of each trial count in an experiment, by (experiment, arm): what the arm asks for.

    A trial that another experiment shares may have been trained with more; here they do not count, so that all arms of
    an experiment that asks for it have the same seeds.
    """
    return {(arm.experiment, arm.name): arm.replicates for arm in arms(training)}


def _crossing(path: str, given: dict[str, Any]) -> Iterator[Trial]:
    """Yield an arm's trials: one for each length and hidden size."""
    cell, part = readers.load(given["cell"]), initialisations.load(given["initialisation"])
    try:
        part.check(cell)
    except StudyError as error:
        raise StudyError(f"{path}.{error}") from error
    options = tuple(
        (name, float(given.get("options", {}).get(name, cell.options[name]))) for name in sorted(cell.options)
    )
    moved = _moved(given["optimiser"], given.get("optimiser_options", {}))
    for length, hidden in itertools.product(given["lengths"], given["hidden"]):
        shortest, longest = (length, length) if isinstance(length, int) else length
        read: dict[str, Any] = dict.fromkeys(READ_BY_INITIALISATIONS)
        read |= _read(path, given, part.name, part.reads_for(cell), longest)
        sizes = {"hidden": hidden, "shortest": shortest, "longest": longest}
        yield Trial(**_plain(given), **read, **sizes, options=options, optimiser_options=moved)


def _moved(optimiser: str, given: dict[str, float]) -> tuple[tuple[str, float], ...]:
    """Return the constants of an optimiser that are not its defaults; only these are content."""
    known = optimisers.constants(optimiser)
    return tuple((name, float(given[name])) for name in sorted(given) if float(given[name]) != known.get(name))


def _read(path: str, given: dict[str, Any], part: str, names: tuple[str, ...], longest: int) -> dict[str, float]:
    """Return what the initialisation reads; ``t_max`` is the longest length if it is not given."""
    known = {"t_max": longest, **given}
    for name in names:
        if known.get(name) is None:
            raise StudyError(f"{path}.{name} is missing: initialisation {part} reads it")
    if "t_max" in names and known["t_max"] <= MUST_EXCEED:  # given ones were held against the schema
        raise StudyError(
            f"{path}.t_max is missing, and the longest length, {longest}, cannot take its place: initialisation {part}"
            f" needs more than {MUST_EXCEED} steps"
        )
    return {name: float(known[name]) for name in names}


def _plain(given: dict[str, Any]) -> dict[str, Any]:
    """Return the fields that are taken as they are given, with the defaults of those that may be left out."""
    defaults: dict[str, Any] = {"clip_norm": None, "clip_value": None, "omega": 0.0, "detach": 0.0, "stop": True}
    taken = {**defaults, **given, "extrapolate": tuple(given.get("extrapolate", ()))}
    crossed = {*READ_BY_INITIALISATIONS, "hidden", "shortest", "longest", "options", "optimiser_options"}
    return {field.name: taken[field.name] for field in fields(Trial) if field.name not in crossed}
