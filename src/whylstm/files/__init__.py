"""Tensors from the files of every framework, by name, without ever running anything in a file.

One reader a format, found by name in :mod:`whylstm.files.formats`. What kind of file it is, is told by its first bytes
and not by its suffix.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from whylstm import families
from whylstm.errors import StudyError
from whylstm.files.base import LARGEST, Reader

FAMILY = "whylstm.files.formats"


def names() -> list[str]:
    """Return the names of all formats that are read."""
    return families.names(FAMILY)


def load(name: str) -> Reader:
    """Return the reader of a format.

    Raises:
        StudyError: if there is none of this name.
    """
    found: Reader = families.load(FAMILY, name, "READER")
    return found


def read_tensors(path: str | Path) -> dict[str, Any]:
    """Return all tensors of a file by name: torch tensors or numpy arrays, in the dtypes that they were kept in.

    Names are those of the file, parts of nested containers joined by dots, of HDF5 groups by slashes.

    Raises:
        StudyError: if there is no such file, its format is none that is read, or it is damaged or not what it seems.
    """
    path = Path(path)
    if not path.is_file():
        raise StudyError(f"there is no file {path}")
    if path.stat().st_size > LARGEST:
        raise StudyError(f"{path} has {path.stat().st_size / 2**30:.1f} GiB; allowed: up to {LARGEST / 2**30:.0f} GiB")
    with path.open("rb") as file:
        start = file.read(64)
    for name in names():
        reader = load(name)
        if reader.knows(path, start):
            return reader.read(path)
    told = "; ".join(load(name).what for name in names())
    raise StudyError(f"{path} is of no format that is read; allowed: {told}")
