"""Manifests: what a chunk's records hold, stated with their hashes, and held against the files when they are read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from whylstm.errors import StudyError
from whylstm.records.files import sha256


def checked(base: Path, stated: dict[str, Any], manifest: Path) -> Path:
    """Return the path of a record whose bytes are those that its manifest states.

    Raises:
        StudyError: if it is missing, damaged or of another run, with the chunk and the remedy.
    """
    path = base / stated["file"]
    if not path.is_file():
        wrong = "is missing"
    elif sha256(path) != stated["sha256"]:
        wrong = "is not the file that the manifest states (damaged, or from another run)"
    else:
        return path
    raise StudyError(
        f"chunk {manifest.stem}: the record {path} {wrong}; delete {manifest} and run the study again,"
        " which measures what is missing"
    )
