"""Rows as text, for commands that list what a study consists of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


def aligned(rows: Sequence[Mapping[str, Any]]) -> str:
    """Return rows as text: columns aligned by spaces under their names, ``-`` where a row has no such value."""
    cells = [list(rows[0]), *([_cell(value) for value in row.values()] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = ["  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)) for row in cells]
    return "".join(f"{line.rstrip()}\n" for line in lines)


def _cell(value: str | int | float | None) -> str:
    return "-" if value in (None, "") else str(value).replace(" ", ",")
