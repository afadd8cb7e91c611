"""Hold an archive against its own hashes: the list of hashes, the crate's metadata, and the provenance of the run."""

from __future__ import annotations

import hashlib
import json
import stat
import struct
import zipfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote

from whylstm.errors import StudyError
from whylstm.release.archive import HASHES
from whylstm.release.crate import NAME

PIECE = 1 << 20
LARGEST_TEXT = 64 << 20
"""Bytes of the largest list of hashes or description that is read whole."""


def verify(path: Path | str) -> list[str]:
    """Return one line for each thing that is wrong with an archive; none if all its hashes are right.

    Nothing is unpacked, and nothing but the archive is read.

    Raises:
        StudyError: if the file is missing or is no zip archive.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            return list(_mistakes(archive))
    except OSError as error:
        raise StudyError(f"cannot read {path}: {error.strerror or error}; give the path of a release") from error
    except (zipfile.BadZipFile, ValueError, struct.error, NotImplementedError, EOFError, RuntimeError) as error:
        raise StudyError(f"{path} is no whole zip archive ({error}); fetch or pack it again") from error


def _mistakes(archive: zipfile.ZipFile) -> Iterator[str]:
    counts = Counter(entry.filename for entry in archive.infolist())
    yield from (f"{name!r} is there {count} times" for name, count in sorted(counts.items()) if count > 1)
    yield from (f"{name!r} is no place inside a folder" for name in sorted(counts) if not _is_inside(name))
    yield from (f"{entry.filename!r} is no plain file" for entry in archive.infolist() if not _is_plain(entry))
    found = {entry.filename: _digest(archive, entry) for entry in archive.infolist()}
    stated = {name: _stated(archive, name) for name in (HASHES, NAME, "provenance.json")}
    yield from (f"{name} is missing or cannot be read" for name, hashes in stated.items() if hashes is None)
    for source, hashes in stated.items():
        for name, digest in sorted((hashes or {}).items()):
            if name not in found:
                yield f"{name!r} is missing, which {source} states"
            elif found[name] != digest:
                yield f"{name!r} is not what {source} states: {found[name] or 'it cannot be read'}, not {digest}"
    unknown = set(found) - set(stated[HASHES] or {}) - {HASHES}
    yield from (f"{name!r} is in no list of hashes" for name in sorted(unknown))


def _digest(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> str:
    """Return the SHA-256 of a file, piece by piece; empty where it is damaged, or longer than it says."""
    together, length = hashlib.sha256(), 0
    try:
        with archive.open(entry) as file:
            while piece := file.read(PIECE):
                together.update(piece)
                length += len(piece)
    except (zipfile.BadZipFile, OSError, EOFError, ValueError, NotImplementedError, RuntimeError):
        return ""
    except Exception as error:  # zlib's and lzma's own errors have no common class
        if type(error).__module__ not in ("zlib", "_lzma", "lzma"):
            raise
        return ""
    return together.hexdigest() if length == entry.file_size else ""


def _stated(archive: zipfile.ZipFile, name: str) -> dict[str, str] | None:
    """Return the hashes that a file of the archive states, by name; None where it is missing or unreadable."""
    try:
        entry = archive.getinfo(name)
        if entry.file_size > LARGEST_TEXT or not _digest(archive, entry):
            return None
        text = archive.read(entry).decode()
        return _lines(text) if name == HASHES else _members(json.loads(text))
    except (KeyError, ValueError, TypeError, AttributeError):
        return None


def _lines(text: str) -> dict[str, str]:
    pairs = (line.split("  ", 1) for line in text.splitlines())
    return {name: digest for digest, name in pairs}


def _members(data: Any) -> dict[str, str]:
    """Return the hashes in a crate's metadata, or in the provenance of a run."""
    if "products" in data:
        return {str(name): str(digest) for name, digest in data["products"].items()}
    files = (entity for entity in data["@graph"] if "sha256" in entity)
    return {unquote(entity["@id"]): entity["sha256"] for entity in files}


def _is_inside(name: str) -> bool:
    path = PurePosixPath(name)
    plain = name.isprintable() and "\\" not in name and ":" not in path.parts[0] if path.parts else False
    return plain and not path.is_absolute() and ".." not in path.parts


def _is_plain(entry: zipfile.ZipInfo) -> bool:
    mode = entry.external_attr >> 16
    return not entry.is_dir() and (mode == 0 or stat.S_IFMT(mode) in (0, stat.S_IFREG))
