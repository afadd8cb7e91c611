"""A reference: what a run found, small enough to be committed, for later runs to be held against.

Tables keep every row and every digit; only their files are packed more tightly, so bytes differ and content does not.
Figures are left out: they follow from the tables, and their bytes from the fonts and libraries of a machine.
"""

from __future__ import annotations

import io
from pathlib import Path

from whylstm.errors import StudyError
from whylstm.records import read_json, write_bytes, write_json
from whylstm.records.files import damaged, read_bytes

LISTS = ("claims.json", "values.json")


def write_reference(run: Path | str, folder: Path | str, *, summary: bool = False) -> list[Path]:
    """Write a run's tables, claims and values into a folder, and return the files; tables of before are removed.

    Args:
        run: a results folder, complete.
        folder: where the reference goes.
        summary: only claims and values.

    Raises:
        StudyError: if the run lacks them, a file is damaged, or the folder cannot be written.
    """
    run, folder = Path(run), Path(folder)
    if lacking := [name for name in LISTS if not (run / name).is_file()]:
        raise StudyError(f"{run} lacks {', '.join(lacking)}; make the study first, then its reference")
    content = {folder / name: read_json(run / name) for name in LISTS}
    tables = [] if summary else sorted((run / "tables").glob("*.parquet"))
    packed = {folder / "tables" / path.name: pack(path) for path in tables}
    for old in (folder / "tables").glob("*.parquet"):
        old.unlink()
    for path, value in content.items():
        write_json(path, value)
    for path, table in packed.items():
        write_bytes(path, table)
    return [*content, *packed]


def pack(path: Path) -> bytes:
    """Return a table's file with the same rows and columns in fewer bytes; StudyError if it is damaged."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.ParquetFile(io.BytesIO(read_bytes(path)), page_checksum_verification=True).read()
    except (OSError, ValueError) as error:
        raise damaged(path, error) from error
    table = table.replace_schema_metadata(None)
    numbers = [field.name for field in table.schema if pa.types.is_floating(field.type)]
    others = [name for name in table.column_names if name not in numbers]
    buffer = io.BytesIO()
    pq.write_table(
        table,
        buffer,
        version="2.6",
        compression="zstd",
        compression_level=19,
        use_dictionary=others,
        use_byte_stream_split=numbers,
        write_page_checksum=True,
    )
    return buffer.getvalue()
