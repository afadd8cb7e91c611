"""Print what is trained: one line per experiment, arm and trial, with its chunk and its estimated work."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from whylstm.commands._columns import aligned
from whylstm.commands._config import add_config, read_config
from whylstm.commands.base import Command
from whylstm.study.plan import Plan, plan
from whylstm.study.training_cost import seconds

SHOWN = (
    "cell",
    "initialisation",
    "gain",
    "forget_bias",
    "hidden",
    "shortest",
    "longest",
    "optimiser",
    "rate",
    "budget",
)
"""Fields of a trial that tell most of them apart; the table ``trials`` has all of them."""


def _arguments(parser: ArgumentParser) -> None:
    add_config(parser)


def _run(arguments: Namespace) -> str:
    return table(plan(read_config(arguments)))


def table(planned: Plan) -> str:
    """Return the trials as text; the seconds are those of runs that go to their budget."""
    where = {trial: chunk.name for chunk in planned.training for trial, _ in chunk.trials}
    rows = [
        {"experiment": experiment, "arm": arm, "trial": trial.id, "networks": (count := planned.networks[trial])}
        | {name: value for name, value in trial.row().items() if name in SHOWN}
        | {"seconds": f"{seconds(trial, count):.0f}", "chunk": where[trial]}
        for (experiment, arm), found in planned.trials.items()
        for trial in found
    ]
    return aligned(rows) if rows else "nothing is trained\n"


COMMAND = Command("Print what is trained: one line per experiment, arm and trial.", _arguments, _run)
