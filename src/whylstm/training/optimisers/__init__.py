"""Optimisers: one file each, found by its name."""

from whylstm import families
from whylstm.training.optimisers.base import Optimiser

FAMILY = __name__


def names() -> list[str]:
    """Return the names of all optimisers."""
    return families.names(FAMILY)


def load(name: str) -> Optimiser:
    """Return the optimiser called ``name``.

    Raises:
        StudyError: if there is none, with the nearest name.
    """
    return families.load(FAMILY, name, "OPTIMISER")
