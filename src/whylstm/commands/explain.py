"""Say what a key of the config means: its sentence, type, range, unit and default."""

from __future__ import annotations

import re
from argparse import ArgumentParser, Namespace

from whylstm.commands.base import Command
from whylstm.errors import StudyError
from whylstm.families import did_you_mean
from whylstm.study.config_docs import page
from whylstm.study.schema import Key, keys


def _arguments(parser: ArgumentParser) -> None:
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("key", nargs="?", help="a key, such as simulation.lags, or its last name alone, such as gain")
    which.add_argument("--all", action="store_true", help="every key, as docs/config.md has it")


def _run(arguments: Namespace) -> str:
    return page() if arguments.all else "\n".join(explanation(key) for key in find(arguments.key))


def find(path: str) -> list[Key]:
    """Return the keys that a path names: exactly, with a user's name in place of ``<name>``, or by the last names.

    A name alone means the study's own keys; those of an experiment are found by it only if there are no others.

    Raises:
        StudyError: if no key does, with the nearest path.
    """
    known = list(keys())
    exact = [key for key in known if re.fullmatch(_pattern(key.path), path)]
    ending = [key for key in known if f".{key.path}".endswith(f".{path}")]
    found = exact or [key for key in ending if not key.path.startswith("laboratory.")] or ending
    if not found:
        raise StudyError(f"there is no key {path!r}; {did_you_mean(path.rpartition('.')[2], _beside(path, known))}")
    return found


def _beside(path: str, known: list[Key]) -> list[str]:
    """Return the last names of the keys that stand where the path points, or of all keys if none does."""
    parent = path.rpartition(".")[0]
    there = [key for key in known if parent and re.fullmatch(_pattern(key.path.rpartition(".")[0]), parent)]
    return sorted({key.path.rpartition(".")[2] for key in there or known} - {"<name>"})


def _pattern(path: str) -> str:
    return re.escape(path).replace(re.escape("<name>"), "[^.]+")


def explanation(key: Key) -> str:
    """Return one key in words, a line per fact."""
    facts = {"type": key.type, "range": key.range, "unit": key.unit, "default": key.default}
    lines = [key.path, f"  {key.sentence}", *(f"  {name}: {fact}" for name, fact in facts.items() if fact)]
    return "".join(f"{line}\n" for line in lines)


COMMAND = Command("Say what a key of the config means: its sentence, type, range, unit and default.", _arguments, _run)
