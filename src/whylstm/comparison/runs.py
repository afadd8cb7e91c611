"""Two results folders compared, thing by thing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from whylstm.comparison import summaries
from whylstm.comparison.figures import compare_figure
from whylstm.comparison.figures import names as figure_names
from whylstm.comparison.frames import Rules, compare_frames
from whylstm.comparison.outcome import Compared, Outcome, Report
from whylstm.comparison.regimes import Regimes
from whylstm.errors import StudyError
from whylstm.records import TableEntry, read_json, tables
from whylstm.records.files import damaged, read_bytes

if TYPE_CHECKING:
    import pandas as pd

LISTS = {"values": "values.json", "claims": "claims.json", "claim numbers": "claims.json"}
RULING = ("networks", "points", "exponents")


def compare(first: Path | str, second: Path | str, *, partial: bool = False) -> Report:
    """Return how two results folders relate; nothing is written.

    Args:
        first: a results folder.
        second: another, or a reference.
        partial: the second is a reference: what it does not hold is not asked of the first.

    Raises:
        StudyError: if a folder is missing or holds no results, or a file is damaged or of another study.
    """
    a, b = Path(first), Path(second)
    for run in (a, b):
        _check_run(run)
    regimes = Regimes(*({name: _read(run, name) for name in RULING if _file(run, name).is_file()} for run in (a, b)))
    parts = [*_tables(a, b, regimes), *_lists(a, b)]
    moved = {part.name: part.outcome for part in parts}
    parts += _figures(a, b, moved)
    return Report(str(first), str(second), partial, tuple(parts))


def _check_run(run: Path) -> None:
    if not run.is_dir():
        raise StudyError(
            f"there is no folder {str(run)!r}; give two results folders, such as results and results/smoke"
        )
    if not (_tables_of(run) or any((run / file).is_file() for file in LISTS.values())):
        raise StudyError(f"the folder {str(run)!r} holds no results; it must have tables/, claims.json or values.json")


def _tables_of(run: Path) -> list[str]:
    return sorted(path.stem for path in (run / "tables").glob("*.parquet"))


def _file(run: Path, table: str) -> Path:
    return run / "tables" / f"{table}.parquet"


def _read(run: Path, table: str) -> pd.DataFrame:
    """Return a table without asking whether it is today's: two versions of the study may be compared.

    Raises:
        StudyError: if it is damaged.
    """
    import io

    import pyarrow.parquet as pq

    path = _file(run, table)
    try:
        source = pq.ParquetFile(io.BytesIO(read_bytes(path)), page_checksum_verification=True)
        return source.read().to_pandas()
    except (OSError, ValueError) as error:
        raise damaged(path, error) from error


def _entry(table: str) -> TableEntry:
    known = tables()
    if table not in known:
        raise StudyError(f"the data dictionary has no table {table!r}, so its rows cannot be joined")
    return known[table]


def _tables(a: Path, b: Path, regimes: Regimes) -> Iterator[Compared]:
    for name in sorted({*_tables_of(a), *_tables_of(b)}):
        if alone := _alone("table", name, _file(a, name), _file(b, name)):
            yield alone
        else:
            yield compare_frames(_read(a, name), _read(b, name), _rules(name, regimes))


def _rules(table: str, regimes: Regimes) -> Rules:
    entry = _entry(table)
    units = _Units(entry)
    return Rules("table", table, entry.key, units, lambda frame: regimes.chaotic(table, frame))


class _Units(Mapping[str, str]):
    """The units of a table's columns, those of a pattern included."""

    def __init__(self, entry: TableEntry) -> None:
        self.entry = entry

    def __getitem__(self, name: str) -> str:
        column = self.entry.column(name)
        if column is None:
            raise KeyError(name)
        return column.unit

    def __iter__(self) -> Iterator[str]:
        return iter(self.entry.columns)

    def __len__(self) -> int:
        return len(self.entry.columns)


def _lists(a: Path, b: Path) -> Iterator[Compared]:
    makers = {
        "values": (summaries.values_frame, ("key",)),
        "claims": (summaries.claims_frame, ("claim",)),
        "claim numbers": (summaries.numbers_frame, ("claim", "key")),
    }
    for name, (frame, key) in makers.items():
        paths = [run / LISTS[name] for run in (a, b)]
        if not any(path.is_file() for path in paths):
            continue
        kind = name.split()[0].rstrip("s") + "s"
        if alone := _alone(kind, name, *paths):
            yield alone
        else:
            first, second = (frame(read_json(path)) for path in paths)
            yield compare_frames(first, second, Rules(kind, name, key, {}, summaries.everywhere, strict=True))


def _figures(a: Path, b: Path, outcomes: Mapping[str, Outcome]) -> Iterator[Compared]:
    in_a, in_b = set(figure_names(a)), set(figure_names(b))
    for name in sorted(in_a | in_b):
        if name in in_a and name in in_b:
            yield compare_figure(a, b, name, outcomes)
        else:
            yield Compared("figure", name, Outcome.ONLY_A if name in in_a else Outcome.ONLY_B)


def _alone(kind: str, name: str, a: Path, b: Path) -> Compared | None:
    """Return that only one of two files is there, or None if both are."""
    if a.is_file() and b.is_file():
        return None
    return Compared(kind, name, Outcome.ONLY_A if a.is_file() else Outcome.ONLY_B)
