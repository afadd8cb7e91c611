"""Print the design: one line per point, with its chunk and its estimated work."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from whylstm.commands._columns import aligned
from whylstm.commands._config import add_config, read_config
from whylstm.commands.base import Command
from whylstm.study import cost
from whylstm.study.plan import Plan, plan


def _arguments(parser: ArgumentParser) -> None:
    add_config(parser)


def _run(arguments: Namespace) -> str:
    return table(plan(read_config(arguments)))


def table(planned: Plan) -> str:
    """Return the design as text: columns aligned by spaces, ``-`` where a point has no such setting."""
    replicates = planned.config["simulation"]["replicates"]
    where = {point: chunk.name for chunk in planned.chunks for point in chunk.points}
    rows = [
        {"point": point.id, **point.row(), "seconds": f"{cost.seconds(point, replicates):.2f}", "chunk": where[point]}
        for point in planned.points
    ]
    return aligned(rows)


COMMAND = Command("Print the design: one line per point, with its chunk and its estimated work.", _arguments, _run)
