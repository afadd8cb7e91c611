"""What the schema cannot say about a config: keys that must fit together, and the facts of cells and tasks."""

from __future__ import annotations

from typing import Any

from whylstm import cells, tasks
from whylstm.errors import StudyError
from whylstm.families import did_you_mean

Node = dict[str, Any]


def check_consistency(config: Node) -> None:
    """Check a completed config across its keys.

    Raises:
        StudyError: for the first mistake, in one sentence.
    """
    for name, grid in config["simulation"]["grids"].items():
        check_grid(f"simulation.grids.{name}", grid)
    if "training" in config:
        check_training(config["training"])


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
    """Check the training part: its studies must name arms, lengths and criteria that exist."""
    arms = sorted(training["arms"])
    for name, study in training["studies"].items():
        path = f"training.studies.{name}"
        for index, arm in enumerate(study["arms"]):
            if arm not in arms:
                hint = did_you_mean(arm, arms)
                raise StudyError(f"{path}.arms[{index}] is the text {arm!r}, which is no arm of training.arms; {hint}")
        _check_lengths(f"{path}.lengths", study["task"], study["lengths"])
        _check_criterion(path, study)


def _check_criterion(path: str, study: Node) -> None:
    criteria = [criterion.name for criterion in tasks.load(study["task"]).success]
    if not criteria:
        raise StudyError(f"{path}.task is {study['task']!r}, which asks for no answer, so it cannot be learnt")
    if study.get("criterion", criteria[0]) not in criteria:
        hint = did_you_mean(study["criterion"], criteria)
        raise StudyError(f"{path}.criterion is {study['criterion']!r}, no criterion of {study['task']}; {hint}")
