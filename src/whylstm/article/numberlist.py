"""A number in the text and its line in the list of numbers: meaning, interval, replicates and table."""

from __future__ import annotations

from typing import Any

from whylstm.article.figurebox import link
from whylstm.article.markup import attribute, escape, slug, typst

LONGEST = 24
"""Characters up to which a number is kept on one line."""


def anchor(key: str) -> str:
    """Return a number's identifier in the page."""
    return f"number-{slug(key)}"


def inline(key: str, record: dict[str, Any]) -> str:
    """Return a number as a link to its line, with the line's words as tooltip and description."""
    about = f"title={attribute(explanation(record))} aria-describedby={attribute(anchor(key))}"
    kind = ".value" if len(record["text"]) <= LONGEST else ".value .words"
    return f"[{escape(record['text'])}](#{anchor(key)}){{{kind} {about}}}"


def explanation(record: dict[str, Any]) -> str:
    """Return what a number is: meaning, unit, interval, replicates and table, as plain text."""
    return f"{sense(record)}table {record['table']}"


def sense(record: dict[str, Any]) -> str:
    """Return meaning, unit, interval and replicates; a number that is held as a logarithm is shown without."""
    unit = f" ({record['unit']})" if record["unit"] not in ("", "log10") else ""
    return f"{record['meaning']}{unit}; {certainty(record)}"


def certainty(record: dict[str, Any]) -> str:
    """Return the half-sentence with interval and replicates, each where there is one."""
    span = f"interval {record['span']}; " if record["span"] else ""
    return span + (f"n = {record['n']}; " if record["n"] is not None else "")


def listing(records: dict[str, dict[str, Any]], target: str, links: str) -> str:
    """Return the list of numbers as Markdown, one line a key."""
    return "\n".join(_line(key, record, target) for key, record in sorted(records.items()))


def _line(key: str, record: dict[str, Any], target: str) -> str:
    words = f"**{escape(record['text'])}** {escape(sense(record))} table {_table(record, target)}"
    if target == "typst":
        return f"- {typst(f'#metadata(none)<{anchor(key)}>')}{words}"
    return f"- [{words}]{{#{anchor(key)}}}"


def _table(record: dict[str, Any], target: str) -> str:
    name = record["table"]
    file = "claims.json" if name == "claims" else f"tables/{name}.parquet"
    return link(name, file, target)
