"""What every figure is, and how one becomes files: SVG, PDF, PNG and a JSON record of its words and its origin.

A figure's message is its title. It is chosen by a verdict that is computed from the claims or the tables, from
templates, and filled with numbers from the tables: nothing that a study could turn out otherwise is typed.
The same tables and claims give the same bytes: no clock, no random identifier, nothing from the caller's settings.
"""

from __future__ import annotations

import dataclasses
import io
import string
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

from whylstm import families, wording
from whylstm.errors import NothingToShowError, StudyError
from whylstm.figures import style
from whylstm.records import empty, read_table, write_bytes, write_json
from whylstm.records.verdicts import read_claims

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure as Picture

    Tables = Mapping[str, pd.DataFrame]
    Claims = Mapping[str, Mapping[str, Any]]

FAMILY = "whylstm.figures"
PICTURES: dict[str, dict[str, Any]] = {"svg": {"Date": None}, "pdf": {"CreationDate": None}, "png": {}}
"""The formats of a picture, each with the metadata that would otherwise tell when it was made."""


@dataclass(frozen=True)
class Figure:
    """One figure of the set.

    Attributes:
        number: its number in the set.
        tables: names of the tables that it reads.
        picture: draws tables and claims, without the title, on a canvas from :mod:`whylstm.figures.style`.
        verdict: says, from tables and claims, whether the statement of the figure holds, one of
            :data:`whylstm.wording.VERDICTS`.
        titles: a template of the title for each verdict.
        facts: the words and numbers that fill the templates, from tables and claims.
        caption: template: what is drawn, and from how many replicates.
        alt: template: what a reader who cannot see it should know.
        optional: those of the tables that a study may be without; the picture is then drawn from the others.
        sparse: whether tables may have no rows, so that `nothing` must say what that leaves to show.
        nothing: says in a sentence why this study has nothing for the picture to show; empty if it has.
    """

    number: int
    tables: tuple[str, ...]
    picture: Callable[[Tables, Claims], Picture]
    verdict: Callable[[Tables, Claims], str]
    titles: Mapping[str, str]
    facts: Callable[[Tables, Claims], dict[str, str]]
    caption: str
    alt: str
    optional: tuple[str, ...] = ()
    sparse: bool = False
    nothing: Callable[[Tables], str] = lambda tables: ""

    @property
    def name(self) -> str:
        """The name of the file that defines the figure."""
        return self.picture.__module__.rpartition(".")[2]

    @property
    def code(self) -> str:
        """Path of the file that defines the figure, from the root of the repository."""
        return f"src/whylstm/figures/{self.name}.py"

    def words(self, tables: Tables, claims: Claims) -> dict[str, str]:
        """Return ``verdict``, ``title``, ``caption`` and ``alt``, filled in.

        Raises:
            StudyError: if the verdict is none that exists or a template asks for a fact that the figure has not.
        """
        if said := self.nothing(tables):
            return {"verdict": "undecided", "title": said, "caption": said, "alt": said}
        verdict, facts = self.verdict(tables, claims), self.facts(tables, claims)
        if verdict not in self.titles:
            raise StudyError(f"{self.name} has no title for the verdict {verdict!r}; allowed: {', '.join(self.titles)}")
        templates = {"title": self.titles[verdict], "caption": self.caption, "alt": self.alt}
        return {"verdict": verdict} | {key: fill(text, facts, self.name) for key, text in templates.items()}

    def draw(self, tables: Tables, claims: Claims) -> Picture:
        """Return the finished picture, title included; draw and save it inside ``style.context(name)``."""
        picture = style.blank() if self.nothing(tables) else self.picture(tables, claims)
        return style.finish(picture, self.words(tables, claims)["title"])


def fill(template: str, facts: Mapping[str, str], name: str) -> str:
    """Return a template with its facts.

    Raises:
        StudyError: if a fact is missing, naming figure and fact.
    """
    try:
        return string.Formatter().vformat(template, (), facts)
    except KeyError as error:
        raise StudyError(f"{name}: a text asks for the fact {error}; known: {', '.join(sorted(facts))}") from error


def names() -> list[str]:
    """Return the names of all figures, which sort by number."""
    return [name for name in families.names(FAMILY) if name.startswith("fig")]


def load(name: str) -> Figure:
    """Return the figure called ``name``.

    Raises:
        StudyError: if there is none, with the nearest name.
    """
    if name not in names():
        raise StudyError(f"there is no figure {name!r}; {families.did_you_mean(name, names())}")
    return families.load(FAMILY, name, "FIGURE")


def make(
    name: str,
    tables: Mapping[str, pd.DataFrame | Path | str],
    claims: Claims | Path | str,
    outputs: Mapping[str, Path | str],
) -> dict[str, Any]:
    """Draw one figure and write its files; return its record.

    Args:
        name: the figure.
        tables: each table that it reads, as a frame or as the path of its Parquet file; more may be given.
        claims: the judged claims by id, or the path of ``claims.json``.
        outputs: paths by format: any of ``svg``, ``pdf``, ``png`` (pictures) and ``json`` (the record: number, name,
            title, verdict, caption, alt, shown, tables, code, command). Where the study has nothing for the figure to
            show, the picture is a sentence that says so, and ``shown`` is false.

    Raises:
        StudyError: if the figure does not exist, a table is missing, or a file cannot be written.
    """
    figure = load(name)
    if unknown := sorted(set(outputs) - {*PICTURES, "json"}):
        raise StudyError(f"a figure cannot be written as {unknown[0]!r}; allowed: {', '.join([*PICTURES, 'json'])}")
    judged = read_claims(claims) if isinstance(claims, Path | str) else claims
    try:
        frames = read_tables(figure, tables)
        return _made(figure, frames, judged, outputs)
    except NothingToShowError as error:
        said = f"{str(error)[0].upper()}{str(error)[1:]}."
        return _made(dataclasses.replace(figure, nothing=lambda tables: said), {}, judged, outputs)


def _made(figure: Figure, tables: Tables, claims: Claims, outputs: Mapping[str, Path | str]) -> dict[str, Any]:
    """Write the files of a figure and return its record."""
    record = describe(figure, tables, claims, outputs)
    for kind, content in render(figure, tables, claims, [kind for kind in PICTURES if kind in outputs]).items():
        write_bytes(outputs[kind], content)
    if "json" in outputs:
        write_json(outputs["json"], record)
    return record


def describe(figure: Figure, tables: Tables, claims: Claims, outputs: Mapping[str, Path | str]) -> dict[str, Any]:
    """Return the record of a figure: its words, what it reads, where its code is and how to make it again."""
    folder = PurePath(next(iter(outputs.values()), "")).parent
    return {
        "number": figure.number,
        "name": figure.name,
        **figure.words(tables, claims),
        "shown": not figure.nothing(tables),
        "tables": list(figure.tables),
        "code": figure.code,
        "command": wording.command(
            (folder if "results" in folder.parts else "results/figures") / PurePath(f"{figure.name}.svg")
        ),
    }


def render(figure: Figure, tables: Tables, claims: Claims, kinds: list[str]) -> dict[str, bytes]:
    """Return the picture's bytes in each of these formats; equal tables and claims give equal bytes."""
    written: dict[str, bytes] = {}
    if not kinds:
        return written
    with style.context(figure.name):
        picture = figure.draw(tables, claims)
        for kind in kinds:
            buffer = io.BytesIO()
            picture.savefig(buffer, format=kind, metadata=PICTURES[kind])
            written[kind] = buffer.getvalue()
    return written


def read_tables(figure: Figure, tables: Mapping[str, pd.DataFrame | Path | str]) -> dict[str, pd.DataFrame]:
    """Return the frames that a figure reads; an optional one that is not given is empty.

    Raises:
        StudyError: if one that is not optional is not given.
        NothingToShowError: if one has no rows although the figure is not sparse: there is no empty picture.
    """
    if missing := [table for table in figure.tables if table not in tables and table not in figure.optional]:
        raise StudyError(f"{figure.name} needs the tables {', '.join(missing)}; given: {', '.join(sorted(tables))}")
    frames = {name: _frame(tables.get(name), name) for name in figure.tables}
    for name, frame in frames.items():
        if frame.empty and not figure.sparse and name not in figure.optional:
            raise NothingToShowError(f"the table {name!r} has no rows, so there is nothing to draw")
    return frames


def _frame(given: pd.DataFrame | Path | str | None, name: str) -> pd.DataFrame:
    """Return a table from a frame, from its file, or from nothing: without rows."""
    if given is None:
        return empty(name)
    return read_table(given, name) if isinstance(given, Path | str) else given


def verdict_of(claim: str) -> Callable[[Tables, Claims], str]:
    """Return a rule that takes a figure's verdict from a judged claim; undecided in a study that does not judge it."""

    def rule(tables: Tables, claims: Claims) -> str:
        return str(claims[claim]["verdict"]) if claim in claims else "undecided"

    return rule


def judge(for_it: int, against: int, total: int) -> str:
    """Return the verdict on a statement that was measured in ``total`` settings.

    Args:
        for_it: settings in which the whole interval speaks for the statement.
        against: settings in which the whole interval speaks against it.
        total: all settings, with those that leave it open.
    """
    if for_it and against:
        return "holds under conditions"
    if for_it == total:
        return "holds"
    return "refuted" if against == total else "undecided"
