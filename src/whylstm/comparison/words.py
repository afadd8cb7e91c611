"""A comparison in words, for a terminal."""

from __future__ import annotations

from whylstm.comparison.frames import said
from whylstm.comparison.outcome import Compared, Difference, Outcome, Report

SHOWN = 8
"""Columns named per table; the JSON has them all."""


def text(report: Report) -> str:
    """Return a report: what differs first, in full; then how many parts are identical, agree or stand alone."""
    lines = [f"first:  {report.first}", f"second: {report.second}", ""]
    for part in report.failed:
        lines += [f"{part.outcome.value}: {part.kind} {part.name}", *(f"    {line}" for line in details(part))]
    lines += [""] if report.failed else []
    lines += [f"{count} {outcome.value}: {_names(report, outcome)}" for outcome, count in report.counts.items()]
    if report.partial and Outcome.ONLY_A in report.counts:
        lines.append("what is only in the first has no reference and is not held")
    lines += [f"    {free}" for free in (_free(part) for part in report.parts) if free]
    lines.append("the two differ" if report.failed else _agreement(report))
    return "\n".join(lines) + "\n"


def details(part: Compared) -> list[str]:
    """Return a line for each difference of a part, the first ``SHOWN`` columns."""
    lines = [*part.notes, *(sentence(difference, part.rows) for difference in part.differences[:SHOWN])]
    more = len(part.differences) - SHOWN
    return lines + ([f"and {more} more columns"] if more > 0 else [])


def sentence(difference: Difference, rows: int) -> str:
    """Return a difference in one line: column, count, largest difference, and the worst row with both values."""
    unit = f" {difference.unit}" if difference.unit not in ("", "1", "none") else ""
    largest = "" if difference.largest is None else f", by at most {difference.largest:.3g}{unit}"
    both = f"{_value(difference.first)} against {_value(difference.second)}"
    where = "worst" if difference.largest is not None else "first"
    return f"{difference.column}: {difference.count} of {rows} rows{largest}; {where} at {said(difference.key)}: {both}"


def _value(value: object) -> str:
    return "missing" if value is None else repr(value) if isinstance(value, str) else str(value)


def _names(report: Report, outcome: Outcome) -> str:
    return ", ".join(part.name for part in report.parts if part.outcome == outcome)


def _free(part: Compared) -> str:
    if not part.free or part.outcome not in (Outcome.AGREES, Outcome.DIFFERS):
        return ""
    what = "rows, all chaotic, differ in columns without an interval, which are not held"
    return f"{part.name}: {part.free} of {part.rows} {what}"


def _agreement(report: Report) -> str:
    identical = set(report.counts) <= {Outcome.IDENTICAL, Outcome.ONLY_A}
    return "identical" if identical else "the two agree within tolerance"
