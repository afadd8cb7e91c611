"""Print the data dictionary: all tables, or one."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from whylstm.commands.base import Command
from whylstm.records.dictionary import entry
from whylstm.records.dictionary_page import page, section


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument("table", nargs="?", help="name of a table, such as lag_profile (default: all)")


def _run(arguments: Namespace) -> str:
    return page() if arguments.table is None else section(entry(arguments.table))


COMMAND = Command(
    "Say what each table and each of its columns means, as docs/data-dictionary.md does.", _arguments, _run
)
