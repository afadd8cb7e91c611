"""Write the weights, inputs, states and gradients of one design point, for a measurement by other means."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from whylstm.commands._config import add_config, read_config
from whylstm.commands.base import Command
from whylstm.errors import StudyError

if TYPE_CHECKING:
    from whylstm.study.design import Point


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument("point", metavar="POINT", help="id of a design point, or how it begins: whylstm points")
    parser.add_argument("--to", metavar="FOLDER", help="where to write (default: export/<id of the point>)")
    parser.add_argument("--replicates", type=int, metavar="N", help="how many (default: as many as in the study)")
    add_config(parser)


def _run(arguments: Namespace) -> str:
    from whylstm.study.export import export
    from whylstm.study.plan import plan

    planned = plan(read_config(arguments))
    point = chosen(planned.points, arguments.point)
    count = planned.config["simulation"]["replicates"] if arguments.replicates is None else arguments.replicates
    folder = Path(arguments.to) if arguments.to else Path("export") / point.id
    return "\n".join(str(path) for path in export(point, planned.config["seed"], count, folder))


def chosen(points: list[Point], said: str) -> Point:
    """Return the point whose id begins so.

    Raises:
        StudyError: if none does, or several.
    """
    found = [point for point in points if point.id == said] or [p for p in points if p.id.startswith(said)]
    if len(found) == 1:
        return found[0]
    some = ", ".join(point.id for point in (found or points)[:3])
    count = f"{len(found)} design points begin so" if found else "no design point of this config begins so"
    raise StudyError(f"POINT is {said!r}: {count}; allowed: one id, such as {some} (all: python -m whylstm points)")


COMMAND = Command(
    "Write weights, inputs, states and gradients of a design point, to measure it anew.", _arguments, _run
)
"""Nothing of the results folder is read: the same config gives the same bytes."""
