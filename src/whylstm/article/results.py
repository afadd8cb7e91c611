"""What the article shows, read from a results folder: figures with their captions, judged claims and values."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from whylstm import wording
from whylstm.errors import StudyError
from whylstm.families import did_you_mean
from whylstm.records import read_json
from whylstm.records.verdicts import read_claims

WIDTH = re.compile(r'<svg\b[^>]*\bwidth="([0-9.]+)pt"')


@dataclass(frozen=True)
class Figure:
    """One figure beside its files ``figures/<name>.{svg,pdf,png}``.

    Attributes:
        name: the stem of its files.
        number: its number in the figure set.
        title: its message, chosen by a computed verdict.
        caption: what is drawn, with the number of replicates.
        alt: what a reader who cannot see it should know.
        tables: names of the tables that it draws.
        code: path of its code from the root of the repository.
        command: what regenerates it.
        shown: whether the study has anything for it to show; if not, its words say what is lacking.
        width: width of its SVG in points, 0 where the file does not say.
    """

    name: str
    number: int
    title: str
    caption: str
    alt: str
    tables: tuple[str, ...]
    code: str
    command: str
    shown: bool
    width: float = 0.0

    @property
    def data(self) -> list[str]:
        """The files that it draws, from the results folder: its tables, or the claims where it has none."""
        return [f"tables/{table}.parquet" for table in self.tables] or ["claims.json"]


@dataclass(frozen=True)
class Results:
    """A results folder with everything the article needs; ``root`` is the folder, the rest is read from it.

    ``left_out`` says why a part is not in this study, by what it is called; figures that show nothing are among them.
    """

    root: Path
    figures: dict[str, Figure]
    claims: dict[str, dict[str, Any]]
    values: dict[str, dict[str, Any]]
    left_out: Mapping[str, str] = field(default_factory=dict)

    def figure(self, which: str | int) -> Figure:
        """Return a figure by its name or its number in the figure set.

        Raises:
            StudyError: if the study has no such figure.
        """
        if isinstance(which, str):
            return pick("figure", which, self.figures)
        return pick("figure", str(which), {str(figure.number): figure for figure in self.figures.values()})

    def claim(self, claim: str) -> dict[str, Any]:
        """Return a judged claim by its id.

        Raises:
            StudyError: if the study has not judged it, or its verdict is none that exists.
        """
        record = pick("claim", claim, self.claims)
        if record["verdict"] not in wording.VERDICTS:
            raise StudyError(
                f"claim {claim!r} has the verdict {record['verdict']!r}; allowed: {', '.join(wording.VERDICTS)}"
            )
        return record

    def value(self, key: str) -> dict[str, Any]:
        """Return a value by its key.

        Raises:
            StudyError: if no value has this key.
        """
        return pick("value", key, self.values)

    def command(self, file: str) -> str:
        """Return what makes a file of this folder again."""
        return wording.command(self.root / file)


def read(results_dir: str | Path, left_out: Mapping[str, str] | None = None) -> Results:
    """Return the figures, claims and values of a results folder.

    Args:
        results_dir: the folder.
        left_out: why a part is no part of this study, by what it is called.

    Raises:
        StudyError: if claims.json or values.json is missing, or a figure lacks its picture or a field.
    """
    root = Path(results_dir)
    claims, values = read_claims(root / "claims.json"), read_json(root / "values.json")
    figures = read_figures(root)
    shown = {name: figure for name, figure in figures.items() if figure.shown}
    lacking = {f"figure {name}": figure.title for name, figure in figures.items() if not figure.shown}
    return Results(root, shown, claims, values, {**(left_out or {}), **lacking})


def read_figures(results_dir: str | Path) -> dict[str, Figure]:
    """Return the figures of a results folder by name, in the order of their numbers.

    Raises:
        StudyError: if a figure lacks its picture or a field.
    """
    found = [read_figure(path) for path in sorted((Path(results_dir) / "figures").glob("*.json"))]
    return {figure.name: figure for figure in sorted(found, key=lambda figure: (figure.number, figure.name))}


def read_figure(path: Path) -> Figure:
    """Return the figure that a ``figures/<name>.json`` describes.

    Raises:
        StudyError: if it lacks a field or the SVG beside it.
    """
    record = read_json(path)
    wanted = [one.name for one in fields(Figure) if one.name not in ("name", "width")]
    if missing := [field for field in wanted if field not in record]:
        raise StudyError(f"the figure record {path} lacks {', '.join(missing)}")
    if not path.with_suffix(".svg").is_file():
        raise StudyError(f"the figure record {path} has no picture {path.with_suffix('.svg').name} beside it")
    kept = {field: record[field] for field in wanted} | {"tables": tuple(record["tables"])}
    return Figure(name=path.stem, width=picture_width(path.with_suffix(".svg")), **kept)


def picture_width(path: Path) -> float:
    """Return the width that an SVG states in points, 0 if it states none."""
    found = WIDTH.search(path.read_text("utf-8"))
    return float(found[1]) if found else 0.0


def pick(kind: str, name: str, found: dict[str, Any]) -> Any:
    """Return what stands under a name.

    Raises:
        StudyError: if nothing does, naming the nearest.
    """
    if name not in found:
        raise StudyError(f"the article asks for the {kind} {name!r}, which the study has not; {_near(name, found)}")
    return found[name]


def _near(name: str, found: dict[str, Any]) -> str:
    return did_you_mean(name, sorted(found)) if found else "it has none at all"
