"""Hold a release against its hashes."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from whylstm.commands.base import Answer, Command


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument("archive", metavar="ARCHIVE", help="a release, such as whylstm-0.1.0-default.crate.zip")
    parser.epilog = "Exit status: 0 if every file is what the archive states, 1 if not, 2 for a mistake."


def _run(arguments: Namespace) -> Answer:
    from whylstm import records
    from whylstm.release import verify

    if wrong := verify(arguments.archive):
        return Answer("".join(f"{line}\n" for line in wrong), status=1)
    return Answer(
        f"every file is what {arguments.archive} states; its own sha256: {records.sha256(arguments.archive)}\n"
    )


COMMAND = Command(
    "Hold a release against its hashes: one line for each file that is not what it should be.", _arguments, _run
)
