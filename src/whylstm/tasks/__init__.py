"""Tasks: one file each, found by its name. They make sequences, say what counts as right, and what guessing earns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whylstm import families

if TYPE_CHECKING:
    from whylstm.tasks.base import Task

FAMILY = __name__


def names() -> list[str]:
    """Return the names of all tasks."""
    return families.names(FAMILY)


def load(name: str) -> Task:
    """Return the task called ``name``.

    Raises:
        StudyError: if there is none, with the nearest name.
    """
    return families.load(FAMILY, name, "TASK")
