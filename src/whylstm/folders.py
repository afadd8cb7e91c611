"""Folders that can be written, asked before long work and without making them."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from whylstm.errors import StudyError


def check_writable(folder: Path | str, what: str = "folder") -> None:
    """Do nothing if files can be put into a folder, which may have to be made.

    Args:
        folder: the folder.
        what: what the message calls it.

    Raises:
        StudyError: if it, or the nearest place above it that exists, is no folder or refuses a new file; names both.
    """
    folder = Path(folder)
    there = next(place for place in (folder, *folder.absolute().parents) if os.path.lexists(place))
    if not there.is_dir():
        raise StudyError(f"the {what} {folder} cannot be written: {there} is not a folder; choose another place")
    try:
        with tempfile.TemporaryFile(dir=there):
            pass
    except OSError as error:
        why = error.strerror or error
        raise StudyError(f"the {what} {folder} cannot be written: {why}; give write access to {there}") from error
