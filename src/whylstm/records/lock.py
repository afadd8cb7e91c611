"""A lock on a results folder that dies with the process that holds it, so that a killed run leaves nothing to undo."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import IO

from whylstm.errors import StudyError

try:
    import fcntl
except ImportError:  # where there is no such lock, two runs in one folder are the user's to avoid
    fcntl = None  # type: ignore[assignment]

NAME = ".lock"


def hold(folder: Path | str) -> IO[str]:
    """Lock a folder until the returned file is closed or the process ends, however it ends.

    The file system that keeps no locks is trusted: there, the folder counts as locked.

    Raises:
        StudyError: if another process holds it, with that process's id, or if the folder cannot be written.
    """
    folder = Path(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file = (folder / NAME).open("a+", encoding="utf-8")
    except OSError as error:
        raise StudyError(f"the results folder {folder} cannot be written: {error.strerror}") from error
    if fcntl is not None:
        _lock(file, folder)
    file.seek(0)
    file.truncate()
    file.write(f"{os.getpid()}\n")
    file.flush()
    return file


def _lock(file: IO[str], folder: Path) -> None:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno not in (errno.EWOULDBLOCK, errno.EACCES):
            return
        file.seek(0)
        holder = file.read().strip() or "unknown"
        file.close()
        raise StudyError(
            f"another run is at work in {folder} (process {holder}); wait until it has ended, or end it first"
        ) from error
