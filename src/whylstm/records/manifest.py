"""Manifests: what a chunk's records hold, stated with their hashes, and held against the files when they are read."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from whylstm.errors import StudyError
from whylstm.records.files import sha256


class Disproved(StudyError):
    """A manifest states what is not there (any more), so it must go before the chunk can be made again.

    Attributes:
        manifest: its file.
    """

    def __init__(self, sentence: str, manifest: Path) -> None:
        super().__init__(f"{sentence}; delete {manifest} and run the study again, which measures what is missing")
        self.manifest = manifest
        self.withdrawn = f"{sentence}; {manifest} is withdrawn, so run the study again, which measures what is missing"


def checked(base: Path, stated: dict[str, Any], manifest: Path) -> Path:
    """Return the path of a record whose bytes are those that its manifest states.

    Raises:
        Disproved: if it is missing, damaged or of another run, with the chunk and the remedy.
    """
    path = base / stated["file"]
    if not path.is_file():
        wrong = "is missing"
    elif sha256(path) != stated["sha256"]:
        wrong = "is not the file that the manifest states (damaged, or from another run)"
    else:
        return path
    raise Disproved(f"chunk {manifest.stem}: the record {path} {wrong}", manifest)


def holding(points: Iterable[tuple[str, int]]) -> str:
    """Return 16 hexadecimal digits that stand for what a chunk holds: the ids of its points, and their replicates."""
    lines = sorted(f"{point} {replicates}\n" for point, replicates in points)
    return hashlib.sha256("".join(lines).encode()).hexdigest()[:16]


def check_chunks(manifests: Iterable[Path], expected: Mapping[str, str]) -> None:
    """Check that there is a manifest for each chunk of the study, and for no other.

    Args:
        manifests: the files, named by their chunks.
        expected: what each chunk holds, by its name; see :func:`holding`.

    Raises:
        StudyError: for the first chunk that is missing, or does not belong to the study.
    """
    given = {path.stem for path in manifests}
    if lacking := sorted(set(expected) - given):
        raise StudyError(f"chunk {lacking[0]} has no manifest, so its points would be missing; run the study again")
    if foreign := sorted(given - set(expected)):
        raise StudyError(f"chunk {foreign[0]} is no chunk of the present config; run the study again")


def check_holding(manifest: Path, held: dict[str, Any], expected: str) -> None:
    """Check that a manifest states the points and replicates that its chunk has in the present config.

    Raises:
        Disproved: if it states others, because another run has written it, or cannot be read.
    """
    try:
        stated = holding((entry["point"], entry["replicates"]) for entry in held["points"])
    except (KeyError, TypeError) as error:
        raise Disproved(f"chunk {manifest.stem}: {manifest} is damaged", manifest) from error
    if stated != expected:
        raise Disproved(
            f"chunk {manifest.stem}: {manifest} states other points or replicates than the present config asks for",
            manifest,
        )
