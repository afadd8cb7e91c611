"""Recurrences whose state is a matrix: one file each, found by its name."""

from whylstm import families
from whylstm.matrix_cells.base import MatrixCell

FAMILY = __name__


def names() -> list[str]:
    """Return the names of all recurrences with a matrix state."""
    return families.names(FAMILY)


def load(name: str) -> MatrixCell:
    """Return the recurrence called ``name``.

    Raises:
        StudyError: if there is none, with the nearest name.
    """
    return families.load(FAMILY, name, "CELL")
