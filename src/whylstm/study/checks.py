"""What the schema cannot say about a config: keys that must fit together, and the facts of cells and tasks."""

from __future__ import annotations

from typing import Any

from whylstm import cells, readers, tasks
from whylstm.cells.base import Cell
from whylstm.errors import StudyError
from whylstm.families import did_you_mean
from whylstm.study import experiments
from whylstm.study.trials import arms
from whylstm.training import optimisers

Node = dict[str, Any]

ABOVE = " (or where it comes from)"
"""What is added to the path of a key that an arm may take from its experiment or from ``training``."""

FEWEST_STEPS = 2


def check_consistency(config: Node) -> None:
    """Check a completed config across its keys.

    Raises:
        StudyError: for the first mistake, in one sentence.
    """
    for name, grid in config["simulation"]["grids"].items():
        check_grid(f"simulation.grids.{name}", grid)
    if "training" in config:
        check_training(config["training"])
    check_laboratory(config["laboratory"])


def check_grid(path: str, grid: Node) -> None:
    """Check one grid: its windows must fit its sequences, its tasks its lengths, its options its cells."""
    _check_windows(path, grid)
    for task in grid["task"]:
        _check_lengths(f"{path}.length", task, grid["length"])
    _check_options(path, grid)


def _check_windows(path: str, grid: Node) -> None:
    length, lags, windows = min(grid["length"]), grid["lags"], grid["windows"]
    if lags > length:
        raise StudyError(
            f"{path}.lags (or simulation.lags, where it comes from) is {lags}, longer than the shortest sequence of the"
            f" grid: it must be at most {path}.length = {length}"
        )
    if windows > length - lags + 1:
        raise StudyError(
            f"{path}.windows (or simulation.windows, where it comes from) is {windows}, but between step {lags} (lags)"
            f" and step {length} (length) there is room for at most {length - lags + 1} different last steps"
        )


def _check_lengths(path: str, name: str, lengths: list[int]) -> None:
    task = tasks.load(name)
    for length in lengths:
        if length < task.shortest or (task.longest is not None and length > task.longest):
            limit = "" if task.longest is None else f" and at most {task.longest}"
            raise StudyError(f"{path} holds {length}, but task {name} allows at least {task.shortest}{limit} (steps)")


def _check_options(path: str, grid: Node) -> None:
    known = sorted({option for name in grid["cell"] for option in cells.load(name).options})
    for option in grid["options"]:
        if option not in known:
            key, among = f"{path}.options.{option}", ", ".join(grid["cell"])
            has = did_you_mean(option, known) if known else "they have none"
            raise StudyError(f"unknown key {key}: no cell of the grid ({among}) has such a constant; {has}")


def check_training(training: Node) -> None:
    """Check the training part: what its experiments name must exist, and every arm must be complete and consistent."""
    _check_only("training", training, "experiments")
    for name, experiment in training["experiments"].items():
        _check_only(f"training.experiments.{name}", experiment, "arms")
    for arm in arms(training):
        for key in ("cell", "task", "lengths"):
            if key not in arm.settings:
                raise StudyError(f"{arm.path}.{key} is missing; give it there, in its experiment or in training")
        _check_course(arm.path, arm.settings)
        _check_task(arm.path, arm.settings)
        _check_constants(arm.path, arm.settings)
        _check_edges(arm.path, arm.settings)


def _check_only(path: str, node: Node, among: str) -> None:
    for index, name in enumerate(node.get("only", ())):
        if name not in node[among]:
            hint = did_you_mean(name, sorted(node[among]))
            raise StudyError(f"{path}.only[{index}] is the text {name!r}, which is none of {path}.{among}; {hint}")


def _check_course(path: str, settings: Node) -> None:
    """Check the numbers of updates and sequences against each other."""
    for small, large, why in (
        ("every", "budget", "no network would be examined before its end"),
        ("record", "budget", "no row of the learning curve would be whole"),
        ("screen", "examined", "the second stage of an examination holds the first"),
    ):
        if settings[small] > settings[large]:
            raise StudyError(
                f"{path}.{small}{ABOVE} is {settings[small]}, more than {large}, which is {settings[large]}: {why}"
            )


def _check_task(path: str, settings: Node) -> None:
    """Check that the task can be learnt, at the lengths that are asked for."""
    name = settings["task"]
    if tasks.load(name).kind == "none":
        raise StudyError(f"{path}.task{ABOVE} is {name!r}, which asks for no answer, so it cannot be learnt")
    pairs = [length for length in settings["lengths"] if not isinstance(length, int)]
    for low, high in pairs:
        if low > high:
            raise StudyError(f"{path}.lengths{ABOVE} holds [{low}, {high}], but the shortest length must come first")
    lengths = [length for length in settings["lengths"] if isinstance(length, int)]
    _check_lengths(f"{path}.lengths{ABOVE}", name, lengths + [length for pair in pairs for length in pair])
    _check_lengths(f"{path}.extrapolate{ABOVE}", name, settings.get("extrapolate", []))
    _check_steps(path, name, lengths + [high for _, high in pairs])


def _check_steps(path: str, name: str, longest: list[int]) -> None:
    """Check that sequences have a step for the gradient to go back to: at one alone there is no lag to be probed."""
    for length in longest:
        if tasks.load(name).steps(length) < FEWEST_STEPS:
            raise StudyError(
                f"{path}.lengths{ABOVE} holds {length}, but networks are trained on {FEWEST_STEPS} steps at least"
            )


def _check_edges(path: str, settings: Node) -> None:
    """Check that what is done to paths through recurrent matrices is asked of a cell that has them, one thing alone."""
    cell = readers.load(settings["cell"])
    lacks = "recurrent matrix" if isinstance(cell, Cell) else "path from step to step"
    edges = isinstance(cell, Cell) and cell.recurrent_gates
    for key in ("omega", "detach"):
        if settings[key] and not edges:
            raise StudyError(
                f"{path}.{key}{ABOVE} is {settings[key]}, but {settings['cell']} has no {lacks}; allowed: 0"
            )
    if settings["omega"] and settings["detach"]:
        raise StudyError(
            f"{path}.omega{ABOVE} is {settings['omega']} and detach is {settings['detach']}: Ω compares gradients that"
            " go back whole, and detach cuts them; one of both must be 0"
        )


def _check_constants(path: str, settings: Node) -> None:
    """Check that the constants that are set are those of the arm's cell, and of its optimiser."""
    cell, optimiser = settings["cell"], settings["optimiser"]
    for key, owner, known in (
        ("options", f"cell {cell}", readers.load(cell).options),
        ("optimiser_options", f"optimiser {optimiser}", optimisers.constants(optimiser)),
    ):
        for option in settings[key]:
            if option not in known:
                has = did_you_mean(option, sorted(known)) if known else "it has none"
                raise StudyError(f"unknown key {path}.{key}.{option}: {owner} has no such constant; {has}")


def check_laboratory(laboratory: Node) -> None:
    """Check the settings of the laboratory against each other, as its experiments declare it."""
    for name, pairs in experiments.fits().items():
        for small, large, more in pairs:
            path, most = f"laboratory.{name}", _ends(laboratory[name][large])[0] - more
            if _ends(laboratory[name][small])[1] > most:
                left = f", of which {more} must be left" * bool(more)
                raise StudyError(
                    f"{path}.{small} is {laboratory[name][small]}, but must be at most {most}:"
                    f" {path}.{large} is {laboratory[name][large]}{left}"
                )


def _ends(value: int | list[int]) -> tuple[int, int]:
    """Return the smallest and the largest of a setting's values."""
    values = value if isinstance(value, list) else [value]
    return min(values), max(values)
