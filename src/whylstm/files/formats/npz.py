"""npz: arrays of numpy in a zip archive (``numpy.savez``)."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

from whylstm.errors import StudyError
from whylstm.files.base import LARGEST, Reader


def knows(path: Path, start: bytes) -> bool:
    """Return whether it is a zip archive of arrays alone."""
    if not start.startswith(b"PK"):
        return False
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.namelist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return False
    return bool(members) and all(name.endswith(".npy") for name in members)


def read(path: Path) -> dict[str, Any]:
    """Return the arrays; one of Python objects would be a pickle, and is refused."""
    import numpy as np

    with zipfile.ZipFile(path) as archive:
        whole = sum(member.file_size for member in archive.infolist())
    if whole > LARGEST:
        raise StudyError(f"{path} would unpack to {whole / 2**30:.0f} GiB; allowed: up to {LARGEST / 2**30:.0f} GiB")
    try:
        with np.load(path, allow_pickle=False) as held:
            return {name: held[name] for name in held.files}
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise StudyError(f"{path} cannot be read as npz: {' '.join(str(error).split())}") from error


READER = Reader("npz (numpy.savez)", knows, read)
