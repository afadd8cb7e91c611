"""The data dictionary: what every table is, its key, and each column's type, unit and meaning.

It is one YAML file, ``workflow/schemas/tables.yaml``::

    decay:                                    # the name of the table
      sentence: How fast the norm falls.      # what it is
      key: [point, statistic]                 # columns that together name a row; no two rows agree in all of them
      columns:
        point: {dtype: string, unit: none, meaning: The design point's id.}
        rate:  {dtype: float64, unit: nats per step, meaning: Slope of the log norm., nullable: true}
        hop_<r>: {dtype: float64, unit: log10, meaning: Norm of the paths with r hops.}

``dtype`` is string, bool, int64 or float64. Only where ``nullable: true`` says so may a value be missing, or the whole
column, where it has no meaning for any row. A name with ``<...>`` stands for any number of columns, the brackets for
lower-case letters and digits. All other columns must be there, and no others.
"""

from __future__ import annotations

import functools
import hashlib
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from whylstm.errors import StudyError
from whylstm.families import did_you_mean

PATH = Path(__file__).parents[3] / "workflow" / "schemas" / "tables.yaml"
"""The dictionary of the checkout that this package is installed from."""

DTYPES = ("bool", "float64", "int64", "string")


@dataclass(frozen=True)
class Column:
    """One column: its type, its unit, what it means, and whether a value may be missing."""

    dtype: str
    unit: str
    meaning: str
    nullable: bool = False


@dataclass(frozen=True)
class TableEntry:
    """One table: a sentence, its key columns, and its columns by name, in order."""

    name: str
    sentence: str
    key: tuple[str, ...]
    columns: dict[str, Column] = field(default_factory=dict)

    def column(self, name: str) -> Column | None:
        """Return the column called ``name``, by its own name first and then by a pattern, or None."""
        if name in self.columns:
            return self.columns[name]
        return next((column for pattern, column in self.columns.items() if _matches(pattern, name)), None)

    @property
    def required(self) -> list[str]:
        """The names of the columns that every file of this table has."""
        return [name for name, column in self.columns.items() if "<" not in name and not column.nullable]


@functools.cache
def tables(path: Path = PATH) -> dict[str, TableEntry]:
    """Return the entries of the data dictionary by the name of the table.

    Raises:
        StudyError: if the dictionary is missing or an entry has not the form that this module's docstring shows.
    """
    try:
        entries = yaml.load(path.read_bytes(), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506
    except (OSError, yaml.YAMLError) as error:
        raise StudyError(f"the data dictionary {path} cannot be read: {' '.join(str(error).split())}") from error
    return {name: _entry(name, content) for name, content in entries.items()}


def entry(name: str, path: Path = PATH) -> TableEntry:
    """Return the entry of one table.

    Raises:
        StudyError: if the dictionary has none, with the nearest name.
    """
    found = tables(path)
    if name not in found:
        raise StudyError(f"the data dictionary has no table {name!r}; {did_you_mean(name, sorted(found))}")
    return found[name]


def layout(*names: str, path: Path = PATH) -> str:
    """Return 16 hexadecimal digits of what decides the bytes of these tables: keys, columns in order, dtypes.

    What entries say in words is left out: it changes no table.

    Raises:
        StudyError: if the dictionary lacks one of them.
    """
    found = [entry(name, path) for name in names]
    facts = [
        (one.name, one.key, [(name, column.dtype, column.nullable) for name, column in one.columns.items()])
        for one in found
    ]
    return hashlib.sha256(repr(facts).encode()).hexdigest()[:16]


def _entry(name: str, content: dict[str, Any]) -> TableEntry:
    try:
        columns = {column: Column(**facts) for column, facts in content["columns"].items()}
        found = TableEntry(name, content["sentence"], tuple(content["key"]), columns)
    except (KeyError, TypeError, AttributeError) as error:
        raise StudyError(f"data dictionary, table {name!r}: {error}; see whylstm.records.dictionary") from error
    wrong = [column for column, facts in columns.items() if facts.dtype not in DTYPES]
    wrong += [column for column in found.key if column not in columns]
    if wrong:
        raise StudyError(f"data dictionary, table {name!r}: columns {wrong} need a dtype of {', '.join(DTYPES)}")
    return found


def _matches(pattern: str, name: str) -> bool:
    parts = (re.escape(part) for part in re.split(r"<\w+>", pattern))
    return "<" in pattern and re.fullmatch("[a-z0-9]+".join(parts), name) is not None
