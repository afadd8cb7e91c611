"""A torch file of weights (``torch.save``), as an archive or in the older form, whatever its suffix."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from whylstm.errors import StudyError
from whylstm.files.base import Reader
from whylstm.files.checkpoints import load_checkpoint

OLD = b"\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19."
"""How files of torch before 1.6 begin: its magic number, pickled."""


def knows(path: Path, start: bytes) -> bool:
    """Return whether it is an archive with torch's ``data.pkl``, or begins as the older form does."""
    if start.startswith(OLD):
        return True
    if not start.startswith(b"PK"):
        return False
    try:
        with zipfile.ZipFile(path) as archive:
            return any(name.endswith("/data.pkl") for name in archive.namelist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return False


def read(path: Path) -> dict[str, Any]:
    """Return the tensors of a checkpoint, those of nested containers by dotted names; nothing in it is run."""
    found = load_checkpoint(path)
    if not isinstance(found, Mapping):
        raise StudyError(f"{path} holds a {type(found).__name__}, not weights by name")
    return dict(_flat(found, ""))


def _flat(held: Mapping[Any, Any], start: str) -> Any:
    for name, value in held.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{start}{name}.")
        elif hasattr(value, "dtype") and hasattr(value, "shape"):
            yield f"{start}{name}", value


READER = Reader("a torch file of weights", knows, read)
