"""Profiles: where Snakemake's settings for one machine or a cluster stand, and names that lead to none.

Snakemake takes a ``--workflow-profile`` that it cannot find as if none had been named. A study meant for a cluster
would then run where it was started, without a word; so a name is looked up here first.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from pathlib import Path

from whylstm.errors import StudyError
from whylstm.families import did_you_mean

FOLDER = Path("workflow") / "profiles"


def names(root: Path) -> list[str]:
    """Return the names of the study's own profiles."""
    return sorted(path.parent.name for path in (root / FOLDER).glob("*/config.yaml"))


def find(said: str, root: Path) -> Path:
    """Return the profile that a name of :func:`names`, or the path of a folder or file, stands for.

    Raises:
        StudyError: if there is none, naming those that are.
    """
    if said in names(root):
        return root / FOLDER / said
    if said and _is_there(said):
        return Path(said).absolute()
    raise StudyError(f"there is no profile {said!r}; {did_you_mean(said, names(root))}, or the path of your own")


def _is_there(said: str) -> bool:
    """Return whether a path exists; one that the system cannot hold (too long, a zero byte) does not."""
    try:
        return Path(said).exists()
    except (OSError, ValueError):
        return False


def check_workflow_profile(words: Sequence[str], root: Path, beside: Path | None = None) -> None:
    """Refuse a command line of Snakemake's that names a workflow profile which Snakemake would pass over.

    Args:
        words: the command line, without the program.
        root: the folder of the study.
        beside: the folder of the Snakefile that was started, if it is another.

    Raises:
        StudyError: if the profile is in none of the places where Snakemake looks.
    """
    parser = argparse.ArgumentParser(add_help=False, exit_on_error=False)
    parser.add_argument("--workflow-profile")
    try:
        said = parser.parse_known_args(list(words))[0].workflow_profile
    except argparse.ArgumentError:  # Snakemake's own parser has said so before
        return
    if said is None or said == "none":
        return
    starts = {Path.cwd(), Path(os.environ.get("PWD", "."))}  # a --directory has moved the first one
    places = [start / where / said for start in starts for where in (".", "profiles")]
    if not any(place.exists() for place in [*places, (beside or root) / "profiles" / said]):
        allowed = [str(FOLDER / name) for name in names(root)]
        raise StudyError(
            f"there is no workflow profile {said!r}, and without it all jobs would run on this machine;"
            f" {did_you_mean(str(FOLDER / Path(said).name), allowed)}"
        )
