"""What this machine can give: memory for a job, and a folder that can be written."""

from __future__ import annotations

import tempfile
from pathlib import Path

from whylstm.errors import StudyError

_CGROUP = Path("/sys/fs/cgroup")
_LIMITS = (
    (_CGROUP / "memory.max", _CGROUP / "memory.current"),
    (_CGROUP / "memory" / "memory.limit_in_bytes", _CGROUP / "memory" / "memory.usage_in_bytes"),
)


def available_memory() -> int:
    """Return the bytes that a new process can have: what is free, or what a container's limit leaves of it."""
    import psutil  # type: ignore[import-untyped]

    left = [_number(limit) - (_number(used) or 0) for limit, used in _LIMITS if _number(limit)]
    return int(min([psutil.virtual_memory().available, *left]))


def _number(path: Path) -> int:
    """Return the whole number in a file; 0 if there is none (no such file, or ``max``: no limit)."""
    try:
        return int(path.read_text())
    except (OSError, ValueError):
        return 0


def check_writable(folder: Path) -> None:
    """Check that a folder can be written, without making it.

    Raises:
        StudyError: if it, or the nearest folder above it that exists, is no folder or refuses a new file.
    """
    places = (folder, *folder.absolute().parents)
    try:
        nearest = next(place for place in places if place.exists() or place.is_symlink())
        if not nearest.is_dir():
            raise StudyError(f"the results folder {folder} cannot be written: {nearest} is not a folder")
        with tempfile.TemporaryFile(dir=nearest):
            pass
    except OSError as error:
        raise StudyError(f"the results folder {folder} cannot be written: {error.strerror}") from error
