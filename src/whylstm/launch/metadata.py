"""What Snakemake knows of each result: the records in ``.snakemake/metadata``, by which it tells what is stale.

It writes a record in place and flushes nothing, and passes over one that is lost or cut short. From then on no change
of config or code reaches that result: it would count as fresh for ever. So the records are looked for before a run.

On a cluster a record can be missing though nothing was lost. The Snakemake beside a job on a node takes away the mark
that the job is under way; the one that sent it writes the record when it hears of the end, and may have been killed by
then.
"""

from __future__ import annotations

import json
import os
from base64 import urlsafe_b64encode
from collections.abc import Iterable
from pathlib import Path

from whylstm.errors import StudyError
from whylstm.records import wholeness, write_json

FOLDER = Path(".snakemake")


def lost(results: Path, names: Iterable[str], folder: Path = FOLDER) -> list[str]:
    """Return those of some results, by their paths, that jobs left here and of which Snakemake knows nothing, sorted.

    One whose job is under way, or was interrupted, is marked by Snakemake and made again; it is left to it.
    """
    here = {path.as_posix() for path in wholeness.products(results)}
    return sorted(name for name in here & set(names) if not _is_marked(name, folder) and not _is_known(name, folder))


def mark(names: Iterable[str], folder: Path = FOLDER) -> None:
    """Mark results as under way, as Snakemake does it: it makes them again.

    Raises:
        StudyError: if a mark cannot be written.
    """
    for name in names:
        write_json(_record(name, folder / "incomplete"), {"external_jobid": None})


def mend(results: Path, folder: Path = FOLDER) -> list[Path]:
    """Delete records that are there and cannot be read, with the results they are of; return those.

    Raises:
        StudyError: if one cannot be deleted.
    """
    paths = [path for path in wholeness.products(results) if not _is_marked(path.as_posix(), folder)]
    found = [path for path in paths if _record(path.as_posix(), folder / "metadata").is_file()]
    found = sorted(path for path in found if not _is_known(path.as_posix(), folder))
    for path in found:
        try:
            path.unlink()
            _record(path.as_posix(), folder / "metadata").unlink()  # last: a run that is killed between goes on here
        except OSError as error:
            raise StudyError(f"{path} has lost its history and cannot be deleted: {error.strerror or error}") from error
    return found


def _is_marked(name: str, folder: Path) -> bool:
    return _record(name, folder / "incomplete").exists()


def _is_known(name: str, folder: Path) -> bool:
    try:
        return bool(json.loads(_record(name, folder / "metadata").read_bytes())["rule"])
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return False


def _record(name: str, folder: Path) -> Path:
    """Return where Snakemake keeps what it knows of a path: the path in base64, in pieces as long as a name can be."""
    try:
        most = os.pathconf(folder, "PC_NAME_MAX") - 1
    except (OSError, ValueError, AttributeError):  # no such folder, or a system without the question
        most = 254
    text = urlsafe_b64encode(name.encode()).decode()
    pieces = [text[start : start + most] for start in range(0, len(text), most)]
    return folder.joinpath(*(f"@{piece}" for piece in pieces[:-1]), pieces[-1])
