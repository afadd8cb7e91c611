"""What a notebook may do: show figures, tables, claims and numbers of a results folder. It computes nothing."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from whylstm import families, wording
from whylstm.article import claimbox, figurebox, numberlist
from whylstm.article.markup import slug
from whylstm.article.results import Results, read
from whylstm.records import read_table

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Shown:
    """Something to show: ``html`` for a page, ``text`` for a terminal."""

    html: str
    text: str

    def __repr__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        return self.html


@dataclass(frozen=True)
class Study:
    """A results folder, opened for showing."""

    results: Results

    @classmethod
    def at(cls, results_dir: str | Path) -> Study:
        """Return the study whose results are in a folder.

        Raises:
            StudyError: if the folder lacks claims.json or values.json.
        """
        return cls(read(results_dir))

    def figure(self, number: int) -> Shown:
        """Show a figure with title, caption and sources, or say that this study has nothing for it to show."""
        start = f"fig{number:02d}_"
        there, known = (
            any(name.startswith(start) for name in names)
            for names in (self.results.figures, families.names("whylstm.figures"))
        )
        if known and not there:
            return absent(f"figure {number}", self.results.left_out)
        found = self.results.figure(number)
        picture = figurebox.data_uri(self.results.root / "figures" / f"{found.name}.svg")
        data = ", ".join(f"<code>{escape(file)}</code>" for file in found.data)
        sources = (
            f"Data: {data} · Code: <code>{escape(found.code)}</code> · Again: <code>{escape(found.command)}</code>"
        )
        return Shown(
            f'<figure class="figure-block"><div class="card"><img src="{picture}" alt="{escape(found.alt)}"></div>'
            f"<figcaption><strong>Figure {found.number}. {escape(found.title)}.</strong> {escape(found.caption)}"
            f'</figcaption><div class="sources">{sources}</div></figure>',
            f"Figure {found.number}. {found.title}",
        )

    def claim(self, claim: str) -> Shown:
        """Show a claim with its verdict, its number and the rule behind it, or say that it is not judged here."""
        if claim not in self.results.claims and claim.lower() in families.names("whylstm.claims"):
            return absent(f"claim {claim}")
        found = self.results.claim(claim)
        verdict = found["verdict"]
        rows = "".join(f"<li>{escape(name)}: {escape(text)}</li>" for name, text in claimbox.plain_facts(found))
        return Shown(
            f'<div class="claim-card {slug(verdict)}"><p><strong>{escape(claim)}</strong> {badge(verdict)}</p>'
            f"<p>{escape(found['paraphrase'])}</p><ul>{rows}</ul></div>",
            f"{claim}: {verdict}. {found['sentence']}",
        )

    def claims(self) -> Shown:
        """Show all judged claims, in order."""
        return together([self.claim(claim) for claim in self.results.claims])

    def verdicts(self) -> Shown:
        """Show all claims and verdicts as a table."""
        found = [self.results.claim(claim) for claim in self.results.claims]
        rows = [
            f"<td>{escape(c['id'])}</td><td>{escape(c['paraphrase'])}</td><td>{badge(c['verdict'])}</td>" for c in found
        ]
        head = (
            '<tr><th scope="col">Claim</th><th scope="col">What the article says</th><th scope="col">Verdict</th></tr>'
        )
        body = "".join(f"<tr>{row}</tr>" for row in rows)
        text = "\n".join(f"{claim['id']}: {claim['verdict']}" for claim in found)
        return Shown(f'<div class="overview"><table><thead>{head}</thead><tbody>{body}</tbody></table></div>', text)

    def number(self, key: str) -> Shown:
        """Show a number of the text with everything that is known about it, or say that this study has none."""
        if key not in self.results.values:
            return absent(f"number {key}")
        record = self.results.value(key)
        words = numberlist.explanation(record)
        return Shown(f"<p><strong>{escape(record['text'])}</strong> {escape(words)}</p>", f"{record['text']} {words}")

    def numbers(self) -> Shown:
        """Show all numbers of the text."""
        return together([self.number(key) for key in sorted(self.results.values)])

    def table(
        self, name: str, columns: Sequence[str] = (), where: Mapping[str, Any] | None = None, rows: int = 12
    ) -> Shown:
        """Show the first rows of a table: some of its columns, the rows where columns have given values.

        A column that the table lacks is looked up in the table of design points.
        """
        frame = self._read(name)
        if "point" in frame and not {*columns, *(where or {})} <= set(frame):
            points = self._read("points")
            frame = frame.merge(points[["point", *(column for column in points if column not in frame)]], on="point")
        for column, value in (where or {}).items():
            frame = frame[frame[column] == value]
        chosen = frame[list(columns)] if columns else frame
        return Shown(framed(chosen.head(rows), name, len(chosen)), chosen.head(rows).to_string(index=False))

    def _read(self, table: str) -> pd.DataFrame:
        return read_table(self.results.root / "tables" / f"{table}.parquet", table)


def absent(what: str, left_out: Mapping[str, str] | None = None) -> Shown:
    """Return a sentence in the place of what a study does not have, with the reason where it is known."""
    start = what.replace("figure ", "figure fig0" if len(what) == len("figure 1") else "figure fig") + "_"
    why = next((reason for name, reason in (left_out or {}).items() if name.startswith(start)), "")
    said = f"This study has no {what}. {why}".strip()
    return Shown(f"<p>{escape(said)}</p>", said)


def together(shown: Sequence[Shown]) -> Shown:
    """Return several things as one, below each other."""
    return Shown("".join(one.html for one in shown), "\n".join(one.text for one in shown))


def badge(verdict: str) -> str:
    """Return a verdict as a label."""
    sign = f'<span aria-hidden="true">{claimbox.SIGNS[verdict]}</span>'
    return f'<span class="badge {slug(verdict)}">{sign} {verdict}</span>'


def framed(frame: pd.DataFrame, name: str, total: int) -> str:
    """Return a frame as an HTML table that scrolls by itself, with what is shown and what is not in its caption."""
    body = frame.to_html(index=False, border=0, escape=True, na_rep="", float_format=wording.number)
    caption = f"<caption><code>tables/{escape(name)}.parquet</code>, {len(frame)} of {total} rows</caption>"
    table = re.sub(r"<table[^>]*>", lambda _: f'<table class="data">{caption}', body, count=1)
    return f'<div class="frame" role="group" tabindex="0" aria-label="Table {escape(name)}">{table}</div>'
