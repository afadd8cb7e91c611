"""Figures: equal bytes, or the same drawing of tables that agree.

A figure is a function of its tables. If these are identical, its bytes must be. If they agree within tolerance, its
coordinates may move a little; then the SVG must be the same but for its numbers, and the words of its record too.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from whylstm.comparison import tolerance
from whylstm.comparison.outcome import Compared, Outcome
from whylstm.records import read_json, sha256

KINDS = ("svg", "pdf", "png", "json")
NAMES = re.compile(r'\bid="[^"]*"|href="#[^"]*"|url\(#[^)]*\)')
"""Names inside an SVG that are made from its content."""


def names(run: Path) -> list[str]:
    """Return the names of the figures in a results folder."""
    return sorted({path.stem for kind in KINDS for path in (run / "figures").glob(f"*.{kind}")})


def compare_figure(first: Path, second: Path, name: str, tables: Mapping[str, Outcome]) -> Compared:
    """Return how two versions of a figure relate.

    Args:
        first: a results folder that has the figure.
        second: another.
        name: the figure's name.
        tables: the outcomes of the tables that were compared, and of the claims under ``claims``.

    Raises:
        StudyError: if its record is damaged.
    """
    a, b = ({kind: run / "figures" / f"{name}.{kind}" for kind in KINDS} for run in (first, second))
    differ = [kind for kind in KINDS if not _same_bytes(a[kind], b[kind])]
    if not differ:
        return Compared("figure", name, Outcome.IDENTICAL)
    moved = _inputs_moved(a["json"], tables)
    if moved and all(path["svg"].is_file() and path["json"].is_file() for path in (a, b)) and _same_drawing(a, b):
        return Compared("figure", name, Outcome.AGREES, notes=(f"numbers moved in: {', '.join(differ)}",))
    return Compared("figure", name, Outcome.DIFFERS, notes=(f"bytes differ: {', '.join(differ)}", *_captions(a, b)))


def _same_bytes(a: Path, b: Path) -> bool:
    return a.is_file() == b.is_file() and (not a.is_file() or sha256(a) == sha256(b))


def _inputs_moved(record: Path, tables: Mapping[str, Outcome]) -> bool:
    """Return whether a figure draws something that agrees without being identical."""
    drawn = read_json(record).get("tables", []) if record.is_file() else []
    return any(tables.get(table) == Outcome.AGREES for table in [*drawn, "claims"])


def _same_drawing(a: Mapping[str, Path], b: Mapping[str, Path]) -> bool:
    svg = (tolerance.words(NAMES.sub("", path["svg"].read_text("utf-8"))) for path in (a, b))
    record = (_words(read_json(path["json"])) for path in (a, b))
    return _equal(svg) and _equal(record)


def _equal(pair: Any) -> bool:
    first, second = pair
    return bool(first == second)


def _words(record: dict[str, Any]) -> dict[str, str]:
    return {name: tolerance.words(str(value)) for name, value in record.items()}


def _captions(a: Mapping[str, Path], b: Mapping[str, Path]) -> list[str]:
    """Return which fields of the two records differ."""
    if not (a["json"].is_file() and b["json"].is_file()):
        return []
    x, y = (read_json(path["json"]) for path in (a, b))
    return [f"its {field} differs" for field in sorted(set(x) | set(y)) if x.get(field) != y.get(field)]
