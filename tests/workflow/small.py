"""A small study that is truly run, and what the tests of faults do to it."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import time

from tests.workflow.harness import Study

SMALL = """
seed: 7
simulation:
  replicates: 2
  windows: 2
  lags: 12
  hops: 3
  grids:
    small: {cell: [tanh, lstm], gain: [0.5, 2.0], forget_bias: [1.0], hidden: [4], length: [24]}
"""

TABLE = "results/tables/reach.parquet"
TARGETS = ("simulate", "results/tables/networks.parquet", TABLE)


def small(folder):
    study = Study.copied(folder, ignore=shutil.ignore_patterns("*.egg-info"))  # compiled code saves a minute
    (study.folder / "config.yaml").write_text(SMALL)
    return study


def contents(study):
    """Return the bytes of all results but logs and times; what is half written is no less a result."""
    folder = study.folder / "results"
    files = (path for path in folder.rglob("*") if path.is_file() and path.name not in (".lock", ".slurm"))
    own = {path.relative_to(folder).as_posix(): path for path in files}
    return {name: path.read_bytes() for name, path in own.items() if not name.startswith(("logs/", "benchmarks/"))}


def wait_for(condition, seconds=600):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.05)


def kill_group(process):
    """Kill a run with all that it started, as a power cut would; take it off the list of processes."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    process.stdout.close()
