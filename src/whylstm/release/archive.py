"""Pack a release: one zip archive, the same bytes for the same results."""

from __future__ import annotations

import hashlib
import io
import os
import subprocess
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from whylstm import __version__, records
from whylstm.release import contents, crate
from whylstm.release.contents import Member

EARLIEST = (1980, 1, 1, 0, 0, 0)
"""The date that every member gets: the earliest that a zip archive can hold."""

HASHES = "manifest-sha256.txt"
"""The hash of every other file, one a line, as ``sha256sum --check`` reads them."""


def pack(root: Path, results: Path, config: dict[str, Any]) -> Path:
    """Write the archive of a finished study into its results folder, and return its path.

    Args:
        root: the checkout.
        results: the results folder.
        config: the completed config as it stands now.

    Raises:
        StudyError: if the results are not whole or not those of this config, or the archive cannot be written.
    """
    files = contents.members(root, results, config)
    stated = contents.provenance(results)
    described = records.dumps(crate.metadata(files, stated, date(root, results, stated))).encode()
    files.append(Member(crate.NAME, described, product=False))
    files.append(Member(HASHES, hashes(files), product=False))
    path = results / f"whylstm-{__version__}-{config['tier']}.crate.zip"
    records.write_bytes(path, zipped(files))
    return path


def hashes(files: list[Member]) -> bytes:
    """Return one line for each file: the hexadecimal SHA-256 of its bytes, two spaces, its name."""
    rows = sorted((member.name, hashlib.sha256(member.content).hexdigest()) for member in files)
    return "".join(f"{digest}  {name}\n" for name, digest in rows).encode()


def zipped(files: list[Member]) -> bytes:
    """Return files as a zip archive, sorted by name, with no date and no permissions of this machine."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for member in sorted(files, key=lambda member: member.name):
            entry = zipfile.ZipInfo(member.name, EARLIEST)
            entry.create_system, entry.external_attr = 3, 0o100644 << 16  # Unix, a plain file that all can read
            archive.writestr(entry, member.content, zipfile.ZIP_DEFLATED, 9)
    return buffer.getvalue()


def date(root: Path, results: Path, stated: dict[str, Any]) -> str:
    """Return the day of publication: that of ``SOURCE_DATE_EPOCH``, of the commit, or of the results.

    So a release that is packed twice has one date, as long as the results are the same.
    """
    moment = os.environ.get("SOURCE_DATE_EPOCH", "")
    if not moment.isdecimal():
        moment = _committed(root, stated["study"].get("commit"))
    seconds = int(moment) if moment.isdecimal() else int((results / "provenance.json").stat().st_mtime)
    return datetime.fromtimestamp(seconds, UTC).date().isoformat()


def _committed(root: Path, commit: str | None) -> str:
    """Return when a commit was made, in seconds, or an empty text where git cannot say."""
    if not commit:
        return ""
    words = ["git", "show", "--no-patch", "--format=%ct", "--end-of-options", commit, "--"]
    try:
        done = subprocess.run(words, cwd=root, capture_output=True, text=True, check=True, timeout=60)
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.strip()
