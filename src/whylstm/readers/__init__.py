"""Readers, which can be trained on sequences: all recurrent cells, and what reads without recurrence, a file each."""

from __future__ import annotations

from whylstm import cells, families
from whylstm.cells.base import Reader

FAMILY = __name__


def names() -> list[str]:
    """Return the names of all readers, the cells among them."""
    return sorted({*cells.names(), *families.names(FAMILY)})


def load(name: str) -> Reader:
    """Return the reader called ``name``.

    Raises:
        StudyError: if there is none, with the nearest name.
    """
    return families.load(FAMILY, name, "READER") if name in families.names(FAMILY) else cells.load(name)


def module(name: str) -> str:
    """Return the dotted name of the module that defines a reader."""
    return f"{FAMILY if name in families.names(FAMILY) else cells.FAMILY}.{name}"
