"""Bytes on disk: a file is there whole, or not at all."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import secrets
from pathlib import Path

from whylstm.errors import StudyError

PART = re.compile(r"\..+\.[0-9a-f]{8}\.part")
"""Name of a file that is being written: hidden, beside the one that it becomes."""


def write_bytes(path: Path | str, content: bytes) -> None:
    """Write a file so that a reader sees the old content or the new, never a part, whatever is killed and when.

    The bytes go into a file beside it, are flushed to the disk, and take its name in one step.

    Raises:
        StudyError: if the folder cannot be written or the disk is full, naming the file and the reason. What was there
            before stays.
    """
    path = Path(path)
    beside = part_of(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _write_through(beside, content)
        os.replace(beside, path)
        _flush_folder(path.parent)
    except OSError as error:
        with contextlib.suppress(OSError):
            beside.unlink(missing_ok=True)
        reason = error.strerror or str(error)
        raise StudyError(f"cannot write {path}: {reason}; make room or give write access, then run again") from error


def part_of(path: Path) -> Path:
    """Return a new name beside a file, under which it is written before it takes its own."""
    return path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")


def sweep(folder: Path | str) -> list[Path]:
    """Delete what killed jobs have left half written anywhere in a folder, where nobody writes now; return it, sorted.

    One that cannot be deleted stays: nothing reads it.
    """
    swept = []
    for path in sorted(Path(folder).rglob(".*.part")):
        if PART.fullmatch(path.name):
            with contextlib.suppress(OSError):
                path.unlink()
                swept.append(path)
    return swept


def read_bytes(path: Path | str) -> bytes:
    """Return a file's bytes.

    Raises:
        StudyError: if the file is missing or cannot be read, naming it.
    """
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise StudyError(f"cannot read {path}: {error.strerror or error}; run the study again to make it") from error


def sha256(path: Path | str) -> str:
    """Return the SHA-256 of a file's bytes, 64 hexadecimal digits.

    Raises:
        StudyError: if the file is missing or cannot be read, naming it.
    """
    return hashlib.sha256(read_bytes(path)).hexdigest()


def damaged(path: Path | str, why: object) -> StudyError:
    """Return the error for a file that is there but cannot be trusted: which one, why, and what to do."""
    reason = " ".join(str(why).split()) or type(why).__name__
    return StudyError(f"{path} is damaged ({reason}); delete it and run the study again, which makes it anew")


def _write_through(path: Path, content: bytes) -> None:
    with path.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _flush_folder(folder: Path) -> None:
    """Make the new name last through a power cut, where the file system can (not all open folders)."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
