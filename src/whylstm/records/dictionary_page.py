"""docs/data-dictionary.md, written from the data dictionary, so that the two cannot disagree."""

from __future__ import annotations

from whylstm.records.dictionary import Column, TableEntry, tables

HEAD = """# The data dictionary

Every table of the study: what it is, which columns name a row, and each column's type, unit and meaning. This page is
written from `workflow/schemas/tables.yaml` by `python -m whylstm dictionary > docs/data-dictionary.md`; edit the YAML,
not the page. A table is not written unless it agrees with its entry. How to read one stands in
[read-a-table.md](read-a-table.md).

A column whose name holds `<...>` stands for any number of columns. Only where the type says *or missing* may a value be
missing; such a column may also be left out of a file where it has no meaning for any row. Infinities are values.
"""


def page() -> str:
    """Return docs/data-dictionary.md."""
    return "\n".join([HEAD, *(section(entry) for entry in tables().values())])


def section(entry: TableEntry) -> str:
    """Return one table as a heading, its sentence, its key, and a row for each column."""
    head = ["column", "type", "unit", "meaning"]
    rows = [head, ["---"] * len(head), *(_row(name, column) for name, column in entry.columns.items())]
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    key = ", ".join(f"`{name}`" for name in entry.key)
    return "\n".join([f"## `{entry.name}`", "", entry.sentence, f"One row for each {key}.", "", *lines, ""])


def _row(name: str, column: Column) -> list[str]:
    unit = "" if column.unit == "none" else column.unit
    facts = [f"`{name}`", column.dtype + " or missing" * column.nullable, unit, column.meaning]
    return [fact.replace("|", "\\|") for fact in facts]
