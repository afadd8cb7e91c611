"""What every script of the workflow does around its one call: threads, log, a mistake in one line, an account.

It is imported first, and itself imports no array library: the thread counts must stand before numpy or torch load.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import sys
import traceback
from collections.abc import Iterator
from typing import Any

import lifeline
from spending import Spending

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS", "NUMBA_NUM_THREADS")
"""What numpy, scipy, torch, pandas and numba read their number of threads from."""


@contextlib.contextmanager
def job(snakemake: Any) -> Iterator[Spending]:
    """Run the body as the job of a rule; it may say on the account that it is given how much of the work it did.

    Both output streams go into the rule's log, those of the processes that it starts as well. A mistake that the user
    can mend is one line in the log and on the terminal; anything else leaves its traceback in the log and its last line
    on the terminal. Either ends the job with exit code 1.
    """
    os.environ.update(dict.fromkeys(THREADS, str(snakemake.threads)))
    told, account = None, Spending()
    succeeded: list[bool] = []
    atexit.register(_leave, succeeded)  # first of all, so that it runs last of all
    with _streams_into(snakemake.log[0]):
        lifeline.hold()
        try:
            with account.count_imports():
                yield account
            _check_code(snakemake.rule)
            account.write(snakemake)
        except Exception as error:
            told, mendable = _sentence(error)
            _write(f"error: {told}\n" if mendable else traceback.format_exc())
    if told is not None:
        _write(f"{snakemake.rule}: {told} (log: {snakemake.log[0]})\n")
        sys.exit(1)
    succeeded.append(True)


def _leave(succeeded: list[bool]) -> None:
    """End a process that succeeded at once: to take torch apart, object by object, is half a second of each job."""
    if not succeeded:
        return
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError):
            stream.flush()
    os._exit(0)


def _check_code(script: str) -> None:
    """Check that no code of this job was edited since its run began."""
    from whylstm.launch import edits

    edits.check(script)


@contextlib.contextmanager
def _streams_into(path: str) -> Iterator[None]:
    """Send what this process and its children write to either stream into a file."""
    kept = {number: os.dup(number) for number in (1, 2)}
    with open(path, "wb") as log:
        for number in kept:
            os.dup2(log.fileno(), number)
    try:
        yield
    finally:
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(OSError):  # the log's disk may be full
                stream.flush()
        for number, terminal in kept.items():
            os.dup2(terminal, number)
            os.close(terminal)


def _write(text: str) -> None:
    """Write to the present standard error; where its disk is full, the text is lost and nothing else."""
    with contextlib.suppress(OSError):
        sys.stderr.flush()
        os.write(2, text.encode(errors="replace"))


def progress(done: int, total: int, account: Spending, share: float) -> None:
    """Say in the log how far a job is, and on its account how much of its estimated work had to be done."""
    account.share = share
    print(f"{done} of {total}", flush=True)


def _sentence(error: Exception) -> tuple[str, bool]:
    """Return an error in one line, and whether it is one that the user can mend."""
    from whylstm.errors import StudyError

    if isinstance(error, StudyError):
        return _withdrawn(error) or str(error), True
    if isinstance(error, MemoryError) or "can't allocate memory" in str(error):  # numpy and pyarrow; torch
        return "out of memory; run fewer jobs at once (--cores), or lower hidden, windows or replicates", False
    return f"{type(error).__name__}: {' '.join(str(error).split())}", False


def _withdrawn(error: Exception) -> str:
    """Delete a manifest that was disproved, so that the next run makes it anew, and return that in one line."""
    manifest = getattr(error, "manifest", None)
    if manifest is None:
        return ""
    try:
        manifest.unlink(missing_ok=True)
    except OSError:
        return ""
    return str(getattr(error, "withdrawn", ""))
