"""The command line: ``python -m whylstm <command>``; each command is a file of :mod:`whylstm.commands`.

Exit status: 0 if all is well (a command may answer with another, as ``compare`` does), 2 for a mistake of the user's,
which stands in one sentence on the standard error.
"""

from __future__ import annotations

import os
import sys
from argparse import ArgumentParser
from collections.abc import Sequence

from whylstm import __version__, families
from whylstm.commands.base import Answer
from whylstm.errors import StudyError

FAMILY = "whylstm.commands"


def parser() -> ArgumentParser:
    """Return the parser of all commands."""
    top = ArgumentParser(prog="python -m whylstm", description="Why, and how far, does an LSTM keep gradients alive?")
    top.add_argument("--version", action="version", version=f"whylstm {__version__}")
    rooms = top.add_subparsers(metavar="command", required=True)
    for name in families.names(FAMILY):
        command = families.load(FAMILY, name, "COMMAND")
        room = rooms.add_parser(name.replace("_", "-"), help=command.sentence, description=command.sentence)
        command.arguments(room)
        room.set_defaults(run=command.run)
    return top


def main(words: Sequence[str] | None = None) -> int:
    """Run one command and return the exit status.

    Args:
        words: the command line without the program's name; that of the process if left out.
    """
    arguments = parser().parse_args(words)
    try:
        said = arguments.run(arguments)
        answer = said if isinstance(said, Answer) else Answer(said)
        sys.stdout.write(answer.text)
        sys.stdout.flush()
    except StudyError as error:
        sys.stderr.write(f"error: {error}\n")
        return 2
    except BrokenPipeError:  # the reader, such as `head`, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return answer.status


if __name__ == "__main__":
    sys.exit(main())
