"""Recurrent cells: one file each, found by its name."""

from whylstm import families
from whylstm.cells.base import Cell

FAMILY = __name__


def names() -> list[str]:
    """Return the names of all cells."""
    return families.names(FAMILY)


def load(name: str) -> Cell:
    """Return the cell called ``name``.

    Raises:
        StudyError: if there is none, with the nearest name.
    """
    return families.load(FAMILY, name, "CELL")
