"""Results on disk: written whole or not at all, with the same bytes for the same content, and checked when read.

Nothing here knows a cell or a statistic. Files carry no clock, no host and no path; where they came from stands in a
sidecar (:mod:`whylstm.records.provenance`).
"""

from whylstm.records.arrays import read_arrays, write_arrays
from whylstm.records.dictionary import TableEntry, layout, tables
from whylstm.records.files import sha256, write_bytes
from whylstm.records.plain import dumps, read_json, write_json
from whylstm.records.table import empty, read_key, read_table, write_table

__all__ = [
    "TableEntry",
    "dumps",
    "empty",
    "layout",
    "read_arrays",
    "read_json",
    "read_key",
    "read_table",
    "sha256",
    "tables",
    "write_arrays",
    "write_bytes",
    "write_json",
    "write_table",
]
