"""A job ends with the run that started it, also where that was killed and could end nothing any more.

A job that outlives its run would go on writing while the next run, perhaps of another config, does the same. So a
thread of each job looks every second whether the Snakemake that started it is still there.
"""

from __future__ import annotations

import os
import sys
import threading
import time

RUN = "WHYLSTM_RUN"
"""Where Snakemake leaves the number of its process, in the environment."""

SECONDS = 1.0


def hold() -> None:
    """Watch the run from now on; where its process cannot be seen from here, as from some containers, do nothing."""
    said = os.environ.get(RUN, "")
    if said.isdecimal() and _lives(int(said)):
        threading.Thread(target=_watch, args=(int(said),), name="lifeline", daemon=True).start()


def _watch(run: int) -> None:
    while _lives(run):
        time.sleep(SECONDS)
    sys.stderr.write("error: the run that started this job has ended, and so does the job; start the study again\n")
    sys.stderr.flush()
    os._exit(1)


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # another user's, and there
        return True
    return True
