"""The numbers of the running text: key -> value, interval, unit, text, table and meaning, made from tables and claims.

No number is typed in the article. Each is computed here, under a key that the text asks for, by one file per section
in :mod:`whylstm.article.numbers`; a key is ``section.name``. A section that a study cannot fill (a grid without the
cell it speaks of) leaves its keys out, and the text asks ``has(key)`` before it speaks.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from whylstm import families
from whylstm.errors import StudyError
from whylstm.records import read_table
from whylstm.records.verdicts import read_claims

if TYPE_CHECKING:
    import pandas as pd

FAMILY = "whylstm.article.numbers"


@dataclass(frozen=True)
class Value:
    """One number of the text.

    Attributes:
        value: the number, or None where it is no finite number (``text`` then says what it is).
        text: how it is written.
        meaning: what it is, in words that stand alone.
        table: name of the table that it comes from, without folder or suffix; ``claims`` for claims.json.
        unit: its unit or scale, empty where it has none.
        low: lower end of its interval, None where none is estimated.
        high: upper end of its interval.
        n: number of replicates (or cases) behind it.
        span: how the interval is written, empty where there is none.
    """

    value: float | None
    text: str
    meaning: str
    table: str
    unit: str = ""
    low: float | None = None
    high: float | None = None
    n: int | None = None
    span: str = ""


@dataclass(frozen=True)
class Numbers:
    """One section's numbers: the tables that it reads and the function from them (and the claims) to values."""

    reads: tuple[str, ...]
    make: Callable[[Mapping[str, pd.DataFrame], Mapping[str, dict[str, Any]]], dict[str, Value]]


def build(
    tables_dir: str | Path, claims_path: str | Path, sections: Iterable[str] | None = None
) -> dict[str, dict[str, Any]]:
    """Return every number of the text, ready for JSON: key -> {value, low, high, n, unit, text, span, table, meaning}.

    Args:
        tables_dir: the folder of the tables.
        claims_path: the judged claims.
        sections: the sections whose numbers are wanted, all if left out; a study without training lacks some tables.

    Raises:
        StudyError: if a table or the claims are missing, or two sections use one key.
    """
    claims = read_claims(claims_path)
    found: dict[str, dict[str, Any]] = {}
    for name in families.names(FAMILY) if sections is None else sorted(sections):
        section: Numbers = families.load(FAMILY, name, "NUMBERS")
        made = section.make(
            {table: read_table(Path(tables_dir) / f"{table}.parquet", table) for table in section.reads}, claims
        )
        for key, value in made.items():
            if key in found:
                raise StudyError(f"the value {key!r} is made twice, the second time in {FAMILY}.{name}")
            found[key] = plain(value)
    return dict(sorted(found.items()))


def tables() -> list[str]:
    """Return the names of all tables that some section reads, so that a workflow can name its inputs."""
    return sorted({table for name in families.names(FAMILY) for table in families.load(FAMILY, name, "NUMBERS").reads})


def plain(value: Value) -> dict[str, Any]:
    """Return a value as JSON can hold it: a number that is not finite becomes None, for its text says what it is."""
    record = asdict(value)
    for field in ("value", "low", "high"):
        number = record[field]
        record[field] = None if number is None or not math.isfinite(number) else float(number)
    record["n"] = None if record["n"] is None else int(record["n"])
    return record
