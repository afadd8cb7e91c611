"""Where a statistic's frames come from: records read point by point, each held against its manifest, and tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pandas as pd

from whylstm import records
from whylstm.errors import StudyError
from whylstm.records.dictionary import entry
from whylstm.records.manifest import check_chunks, check_holding, checked
from whylstm.statistics.base import Statistic

DTYPES = {"string": "str"}
"""The dtype of pandas by that of the data dictionary, where the names differ."""


def reduce(
    statistic: Statistic,
    name: str,
    sources: list[Path],
    folder: Path | None,
    expected: Mapping[str, str] | None = None,
) -> pd.DataFrame:
    """Return the table of a statistic; arguments and errors as :func:`whylstm.statistics.compute`."""
    if not statistic.records:
        return shaped(statistic.of_tables(read_tables(statistic, name, sources)), name)
    manifests = sorted(path for path in sources if path.suffix == ".json")
    if not manifests:
        raise StudyError(f"the table {name!r} is made from manifests of simulated chunks, but none was given")
    if expected is not None:
        check_chunks(manifests, expected)
    parts = [
        statistic.of_point(frames).assign(point=point)
        for manifest in manifests
        for point, frames in read_points(statistic, manifest, folder, expected)
    ]
    filled = [part for part in parts if len(part)]
    return shaped(pd.concat(filled, ignore_index=True) if filled else pd.DataFrame(), name)


def read_tables(statistic: Statistic, name: str, sources: list[Path]) -> dict[str, pd.DataFrame]:
    """Return the finished tables that a statistic reads, each found by the name of its file.

    Raises:
        StudyError: if one is not among the sources.
    """
    given = {path.stem: path for path in sources if path.suffix == ".parquet"}
    if missing := [table for table in statistic.tables if table not in given]:
        raise StudyError(f"the table {name!r} needs {', '.join(missing)}; given: {', '.join(sorted(given)) or 'none'}")
    return {table: records.read_table(given[table], table) for table in statistic.tables}


def read_points(
    statistic: Statistic, manifest: Path, folder: Path | None, expected: Mapping[str, str] | None = None
) -> Iterator[tuple[str, dict[str, pd.DataFrame]]]:
    """Yield each point of a chunk with the rows that a statistic reads of it, by table of records.

    Records may hold more replicates than the study now asks for; the manifest says how many count.

    Raises:
        StudyError: if the manifest is not what is expected of its chunk, or a record not the one that it states.
    """
    held = records.read_json(manifest)
    if expected is not None:
        check_holding(manifest, held, expected[manifest.stem])
    base = folder or manifest.parents[2] / "records"
    for point in held["points"]:
        files = {table: checked(base, point["records"][table], manifest) for table in statistic.records}
        frames = {table: _read(statistic, path, table) for table, path in files.items()}
        count = point["replicates"]
        yield point["point"], {table: rows[rows["replicate"] < count] for table, rows in frames.items()}


def _read(statistic: Statistic, path: Path, table: str) -> pd.DataFrame:
    import pyarrow.parquet as pq

    names = pq.read_schema(path).names
    return records.read_table(path, table, statistic.columns(table, names))


def shaped(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    """Return a frame with the columns and dtypes of the data dictionary, sorted by key; an empty one gets them all."""
    rules = entry(name)
    dtypes = {column: DTYPES.get(facts.dtype, facts.dtype) for column, facts in rules.columns.items()}
    if frame.empty:
        return records.empty(name)
    kept = {column: dtype for column, dtype in dtypes.items() if column in frame}
    return frame[list(kept)].astype(kept).sort_values(list(rules.key), ignore_index=True, key=_natural)


def _natural(column: pd.Series) -> pd.Series:
    """Return what to sort a key column by: numbers as numbers, texts that are numbers before the other texts."""
    if column.dtype == "float64" or column.dtype == "int64":
        return column
    return column.map(lambda text: f"{int(text):09d}" if str(text).isdigit() else f"~{text}")
