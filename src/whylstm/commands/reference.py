"""Write what a run found as a reference for later runs."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from whylstm.commands.base import Command


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument("results", metavar="RUN", help="a results folder, such as results/smoke")
    parser.add_argument("folder", metavar="FOLDER", help="where the reference goes, such as tests/reference/smoke")
    parser.add_argument("--summary", action="store_true", help="only claims and values, no tables")


def _run(arguments: Namespace) -> str:
    from whylstm.comparison.reference import write_reference

    files = write_reference(arguments.results, arguments.folder, summary=arguments.summary)
    size = sum(path.stat().st_size for path in files)
    return f"{len(files)} files, {size / 1000:.0f} kB: {arguments.folder}\n"


COMMAND = Command("Write what a run found as a reference that later runs are compared with.", _arguments, _run)
