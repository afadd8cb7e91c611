"""Which parts of the study stand: what reads a table that a study does not have is no part of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

Parts = dict[str, dict[str, Any]]
"""What the parts of a family declare, by name."""


def standing(parts: Mapping[str, dict[str, Any]], absent: set[str], reads: Callable[[Any], Iterable[str]]) -> Parts:
    """Return the parts that read no absent table, directly or by way of a part of the same family.

    A study without training has no tables of trained networks; a statistic of them is left out, then what reads that
    statistic, and so on. ``absent`` gains the names of the parts that are left out. A name that is no table at all is
    not absent: it stays, and the workflow says that nothing makes it.

    Args:
        parts: what each part declares.
        absent: tables that other studies have and this one has not; changed in place.
        reads: the names of the tables that a part reads, from what it declares.
    """
    found = dict(parts)
    while lost := {name for name, facts in found.items() if absent & set(reads(facts))}:
        absent |= lost
        found = {name: facts for name, facts in found.items() if name not in lost}
    return found
