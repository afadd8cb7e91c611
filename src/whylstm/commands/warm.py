"""Compile the kernels of a study's cells before it runs."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from whylstm.commands._config import add_config, read_config
from whylstm.commands.base import Command
from whylstm.study.plan import plan


def _arguments(parser: ArgumentParser) -> None:
    add_config(parser)


def _run(arguments: Namespace) -> str:
    from whylstm.study.warm import warm

    return f"compiled: {', '.join(warm(plan(read_config(arguments))))}\n"


COMMAND = Command("Compile the kernels of a study's cells, so that no job has to (`make env` does).", _arguments, _run)
