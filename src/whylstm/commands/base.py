"""What every command declares.

All commands are imported for ``--help``: what is heavy (numpy, torch, pandas) is imported inside ``run``.
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Answer:
    """What a command says whose exit status is part of the answer: ``text``, and ``status`` (2 is for mistakes)."""

    text: str
    status: int = 0


@dataclass(frozen=True)
class Command:
    """One command; a file ``commands/<name>.py`` defines it as ``COMMAND``.

    Attributes:
        sentence: what it does, for ``--help``.
        arguments: adds its arguments to a parser.
        run: does it, and returns the text for the standard output, with an exit status where that is not 0. A mistake
            of the user's raises StudyError.
    """

    sentence: str
    arguments: Callable[[ArgumentParser], None]
    run: Callable[[Namespace], str | Answer]
