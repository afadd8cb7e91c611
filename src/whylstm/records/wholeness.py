"""Results that are no longer what the jobs left that made them: truncated, overwritten, or flipped in a bit.

Snakemake looks at the times of its outputs and never into them. So each job states the hashes of what it wrote in its
account, ``<results>/benchmarks/<job>.json``, and before a run the products are held against them. One that differs is
made again; nothing else is, since what comes out has the same bytes.

Records are too large to be read each time. Those that are missing, or newer than the manifest that states them, are
looked into before a run; all others when a table is made from them.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

from whylstm.errors import StudyError
from whylstm.records.files import sha256
from whylstm.records.plain import read_json


def stated(results: Path, outputs: Iterable[Path | str]) -> dict[str, str]:
    """Return the hashes of a job's outputs by their names below the results folder, for its account.

    Raises:
        StudyError: if an output cannot be read.
    """
    inside = (Path(path) for path in outputs if Path(path).is_relative_to(results))
    return {path.relative_to(results).as_posix(): sha256(path) for path in inside}


def products(results: Path) -> dict[Path, str]:
    """Return the hash that each product which is there had when its job left it; what has no account is left out."""
    pairs = (pair for path in (results / "benchmarks").rglob("*.json") for pair in _of_account(path))
    found = {results / name: digest for name, digest in pairs if _is_inside(name)}
    return {path: digest for path, digest in found.items() if path.is_file()}


def damaged(results: Path) -> list[Path]:
    """Return the products that are there and are not what their jobs left, sorted.

    What has no account, and what is not there at all, is left to Snakemake.
    """
    return sorted(path for path, digest in products(results).items() if sha256(path) != digest)


def disproved(results: Path) -> list[Path]:
    """Return the manifests that state a record which is missing, or was changed after them, sorted."""
    return sorted(path for path in (results / "manifests").rglob("*.json") if not _holds(path, results / "records"))


def mend(results: Path) -> list[Path]:
    """Delete the products that are damaged, and manifests that are disproved, so that they are made again; return them.

    Raises:
        StudyError: if one cannot be deleted.
    """
    found = damaged(results)
    found += [path for path in disproved(results) if path not in found]
    for path in found:
        try:
            path.unlink()
        except OSError as error:
            raise StudyError(f"{path} is damaged and cannot be deleted: {error.strerror or error}") from error
    return found


def _of_account(path: Path) -> Iterator[tuple[str, str]]:
    with contextlib.suppress(StudyError, AttributeError, TypeError, KeyError):
        for name, digest in read_json(path)["outputs"].items():
            yield str(name), str(digest)


def _holds(manifest: Path, base: Path) -> bool:
    """Return whether the records that a manifest states are there, unchanged as far as their times tell."""
    try:
        held, written = read_json(manifest), manifest.stat().st_mtime_ns
        entries = [entry for group in held.values() for entry in group]
        stated = [record for entry in entries for record in entry["records"].values()]
        return all(_is_as_stated(base / record["file"], record["sha256"], written) for record in stated)
    except (StudyError, AttributeError, TypeError, KeyError):
        return False


def _is_as_stated(record: Path, digest: str, since: int) -> bool:
    try:
        return record.stat().st_mtime_ns <= since or sha256(record) == digest
    except OSError:
        return False


def _is_inside(name: str) -> bool:
    path = PurePosixPath(name)
    return not path.is_absolute() and ".." not in path.parts and "\0" not in name
