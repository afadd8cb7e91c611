"""A job computes with the code that its run began with, or says that it did not.

Before a run, the code behind each result is compared with that of the last time, and what is then found is what is
recorded. Code that is edited, or checked out, while the run is at work reaches the jobs that start later: their results
would be recorded as those of the code before. So each job looks, when it has done its work, whether a file that it has
loaded is newer than all code was when the run began.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from pathlib import Path

from whylstm.errors import StudyError

NEWEST = "WHYLSTM_NEWEST"
"""Where a run leaves in the environment when its newest code was written, in nanoseconds of the file system's clock."""

FOLDERS = ("src", "workflow/scripts")
ROOT = Path(__file__).parents[3]


def newest(root: Path = ROOT) -> int:
    """Return the time of the file of code that was changed last."""
    files = (path for folder in FOLDERS for path in (root / folder).rglob("*.py"))
    return max(path.stat().st_mtime_ns for path in files)


def check(script: str, root: Path = ROOT) -> None:
    """Check that no code that this process has loaded, nor its script, was changed since the run began.

    Raises:
        StudyError: if some was, naming it.
    """
    began = os.environ.get(NEWEST, "")
    if not began.isdecimal():
        return
    loaded = [getattr(module, "__file__", None) or "" for module in list(sys.modules.values())]
    edited = sorted(_newer({*loaded, str(root / "workflow" / "scripts" / f"{script}.py")}, root, int(began)))
    if edited:
        raise StudyError(f"{edited[0]} was changed while the run was at work; run again, which computes this anew")


def _newer(paths: Iterable[str], root: Path, began: int) -> Iterable[str]:
    for path in paths:
        own = any(Path(path).is_relative_to(root / folder) for folder in FOLDERS)
        if own and os.path.isfile(path) and os.stat(path).st_mtime_ns > began:
            yield Path(path).relative_to(root).as_posix()
