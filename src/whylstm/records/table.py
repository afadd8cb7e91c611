"""Tables as Parquet: columns as the data dictionary says, page checksums, a content key, and stable bytes."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from whylstm.errors import StudyError
from whylstm.families import did_you_mean
from whylstm.records.dictionary import Column, TableEntry, entry
from whylstm.records.files import damaged, read_bytes, write_bytes

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

FORMAT: dict[str, Any] = {"version": "2.6", "compression": "zstd", "compression_level": 3, "write_page_checksum": True}

WITH_GAPS = {"int64": "Int64", "bool": "boolean"}
"""The pandas dtype of a nullable column, where the plain one cannot hold a missing value."""


def write_table(path: Path | str, frame: pd.DataFrame, table: str, key: str = "") -> None:
    """Write a frame as Parquet, whole or not at all, if it is what the data dictionary says of ``table``.

    Columns are put into the dictionary's order, rows stay in theirs; the index is not written. NaN is a missing value,
    allowed in nullable columns only; infinities are values.

    Args:
        path: the file.
        frame: the table.
        table: its name in the data dictionary.
        key: what the content was made from, for example a digest; :func:`read_key` returns it.

    Raises:
        StudyError: if frame and dictionary disagree, naming table, column and what is expected; or if the file cannot
            be written.
    """
    import pyarrow.parquet as pq

    buffer = io.BytesIO()
    pq.write_table(_to_arrow(frame, entry(table), key), buffer, **FORMAT)
    write_bytes(path, buffer.getvalue())


def read_table(path: Path | str, table: str, columns: Sequence[str] | None = None) -> pd.DataFrame:
    """Return a table from Parquet, checked against its checksums and the data dictionary.

    Args:
        path: the file.
        table: its name in the data dictionary.
        columns: the columns to read; None for all.

    Raises:
        StudyError: if the file is missing, truncated or damaged, or is not what the dictionary says.
    """
    import pyarrow.parquet as pq

    rules = entry(table)
    try:
        source = pq.ParquetFile(io.BytesIO(read_bytes(path)), page_checksum_verification=True)
        _check_columns(str(path), rules, source.schema_arrow.names)
        frame = source.read(None if columns is None else list(columns)).to_pandas()
    except (OSError, ValueError) as error:
        raise damaged(path, error) from error
    gaps = {
        name: WITH_GAPS.get(column.dtype) for name, column in _columns(rules, frame.columns).items() if column.nullable
    }
    return frame.astype({name: dtype for name, dtype in gaps.items() if dtype})


def read_key(path: Path | str) -> str | None:
    """Return the content key of a Parquet file, or None if the file is missing or its footer cannot be read.

    The pages are not read: damage there is found by :func:`read_table`.
    """
    import pyarrow.parquet as pq

    try:
        metadata = pq.read_metadata(path).metadata or {}
    except (OSError, ValueError):
        return None
    return metadata[b"key"].decode() if b"key" in metadata else None


def _to_arrow(frame: pd.DataFrame, rules: TableEntry, key: str) -> pa.Table:
    import pyarrow as pa

    _check_columns("a frame", rules, list(frame.columns))
    columns = _columns(rules, frame.columns)
    arrays = {
        name: _array(frame[name], column, f"table {rules.name!r}, column {name!r}") for name, column in columns.items()
    }
    _check_key(frame, rules)
    return pa.table(arrays).replace_schema_metadata({"table": rules.name, "key": key})


def empty(table: str) -> pd.DataFrame:
    """Return a table without rows: the columns of the data dictionary that have names of their own, in their dtypes.

    Raises:
        StudyError: if the dictionary has no such table.
    """
    import pandas as pd

    columns = entry(table).columns.items()
    dtypes = {name: column.dtype.replace("string", "str") for name, column in columns if "<" not in name}
    return pd.DataFrame({name: pd.Series(dtype=dtype) for name, dtype in dtypes.items()})


def _columns(rules: TableEntry, names: Iterable[str]) -> dict[str, Column]:
    """Return the named columns of a table in the dictionary's order; those of one pattern stay in theirs."""
    order = list(rules.columns.values())
    found = {name: column for name in names if (column := rules.column(name)) is not None}
    return dict(sorted(found.items(), key=lambda item: next(i for i, column in enumerate(order) if column is item[1])))


def _check_columns(what: str, rules: TableEntry, names: Sequence[str]) -> None:
    missing = [name for name in rules.required if name not in names]
    unknown = [name for name in names if rules.column(name) is None]
    if missing:
        raise StudyError(f"{what} lacks columns {missing} of table {rules.name!r}; it has {', '.join(names)}")
    if unknown:
        hint = did_you_mean(str(unknown[0]), list(rules.columns))
        raise StudyError(f"{what} has columns {unknown} that table {rules.name!r} has not; {hint}")


def _array(values: pd.Series, column: Column, where: str) -> pa.Array:
    """Return a column as Arrow; the type must fit exactly, and gaps be allowed.

    Raises:
        StudyError: naming the column, its dtype, and what the dictionary asks for.
    """
    import pyarrow as pa

    try:
        array = pa.Array.from_pandas(values, type=getattr(pa, {"bool": "bool_"}.get(column.dtype, column.dtype))())
    except (pa.ArrowException, ValueError, TypeError) as error:
        raise StudyError(f"{where} is {values.dtype}; the data dictionary asks for {column.dtype} ({error})") from error
    if array.null_count and not column.nullable:
        raise StudyError(f"{where} has {array.null_count} missing values; the data dictionary allows none")
    return array


def _check_key(frame: pd.DataFrame, rules: TableEntry) -> None:
    if rules.key and frame.duplicated(list(rules.key)).any():
        first = frame.loc[frame.duplicated(list(rules.key)), list(rules.key)].iloc[0].to_dict()
        raise StudyError(f"table {rules.name!r} has two rows with the key {first}; its key columns must name one row")
