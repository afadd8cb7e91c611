"""HDF5, in which Keras keeps weights (``.h5``, ``.hdf5``, ``.weights.h5``): every set of numbers by its path."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from whylstm.errors import StudyError
from whylstm.files.base import LARGEST, Reader

MAGIC = b"\x89HDF\r\n\x1a\n"


def knows(path: Path, start: bytes) -> bool:
    """Return whether it begins as HDF5 does."""
    return start.startswith(MAGIC)


def read(path: Path) -> dict[str, Any]:
    """Return the arrays of numbers by their paths; links out of the file and numbers kept elsewhere are refused."""
    import h5py

    found: dict[str, Any] = {}

    def visit(name: str, held: Any) -> None:
        if not isinstance(held, h5py.Dataset) or held.dtype.kind not in "fiu":
            return
        if held.external or held.is_virtual:
            raise StudyError(f"{path}: {name} is kept in another file, which is not read")
        if held.nbytes > LARGEST:
            raise StudyError(f"{path}: {name} would take {held.nbytes / 2**30:.0f} GiB")
        found[name] = held[()]

    try:
        with h5py.File(path, "r") as file:
            file.visititems(visit)  # it follows no link to another file
    except (OSError, RuntimeError, ValueError, KeyError, TypeError) as error:
        raise StudyError(f"{path} cannot be read as HDF5: {' '.join(str(error).split())}") from error
    return found


READER = Reader("HDF5 (Keras)", knows, read)
