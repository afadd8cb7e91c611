"""Compare two results folders: what is identical, what agrees within tolerance, and what differs."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from whylstm.commands.base import Answer, Command


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument("first", metavar="RUN_A", help="a results folder, such as results/smoke")
    parser.add_argument("second", metavar="RUN_B", help="another results folder, or a reference")
    parser.add_argument(
        "--output", metavar="FOLDER", help="write index.html (figures side by side) and comparison.json"
    )
    parser.add_argument("--reference", action="store_true", help="RUN_B is a reference; hold only what it has")
    parser.epilog = "Exit status: 0 if all is identical or agrees, 1 if something differs, 2 for a mistake."


def _run(arguments: Namespace) -> Answer:
    from whylstm.comparison import compare
    from whylstm.comparison.page import write
    from whylstm.comparison.words import text

    report = compare(arguments.first, arguments.second, partial=arguments.reference)
    said = text(report)
    if arguments.output:
        said += f"figures side by side: {write(report, arguments.output)}\n"
    return Answer(said, status=1 if report.failed else 0)


COMMAND = Command("Compare two results folders, by key, with tolerances where they are due.", _arguments, _run)
