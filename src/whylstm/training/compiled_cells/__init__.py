"""Compiled cells, for training: one file each, found by its name; a cell without one goes the plain way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whylstm import families

if TYPE_CHECKING:
    from whylstm.training.compiled_cells.base import Kernel  # it brings numba along, which a plan must not

FAMILY = __name__


def names() -> list[str]:
    """Return the names of all cells that have a compiled form."""
    return families.names(FAMILY)


def load(name: str) -> Kernel:
    """Return the compiled form of the cell called ``name``.

    Raises:
        StudyError: if there is none, with the nearest name.
    """
    return families.load(FAMILY, name, "KERNEL")
