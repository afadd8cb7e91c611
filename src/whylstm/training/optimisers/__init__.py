"""Optimisers: one file each, found by its name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whylstm import families

if TYPE_CHECKING:
    from whylstm.training.optimisers.base import Optimiser  # it brings torch along, which a config must not

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
