"""Optimisers: one file each, found by its name."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from whylstm import families, sources

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


@functools.cache
def constants(name: str) -> dict[str, float]:
    """Return an optimiser's constants with their defaults, read from its file: to import it brings torch along.

    Raises:
        StudyError: if there is no such optimiser.
    """
    return dict(sources.declared(f"{FAMILY}.{name}", "OPTIMISER").get("options", {}))
