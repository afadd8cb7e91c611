"""What a run on Slurm needs besides Snakemake: that Slurm is here, and that no earlier run has left jobs in its queue.

A run that is killed leaves its jobs to Slurm. The next run would send the same jobs again, while the old ones still
write; so each run notes the name that its jobs carry in the results folder, and the next one ends what is left of it.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Iterable, MutableMapping
from pathlib import Path

from whylstm.errors import StudyError

NOTE = ".slurm"
"""Name of the file in the results folder with the name of the last run's jobs."""

SECONDS_TO_END = 120.0
"""How long a job that was told to end may take, its node's clean-up included."""

NAME = re.compile(r"[\w-]+")
ANNOUNCED = re.compile(r"SLURM run ID: ([\w-]+)")
UNDER_WAY = "PENDING,CONFIGURING,RUNNING,COMPLETING,SUSPENDED"


def check() -> None:
    """Check that jobs can be sent to Slurm from here.

    Raises:
        StudyError: if Slurm's commands or Snakemake's plugin for it are missing.
    """
    if importlib.util.find_spec("snakemake_executor_plugin_slurm") is None:
        raise StudyError("Snakemake's plugin for Slurm is not installed; `pip install '.[slurm]'` brings it")
    if shutil.which("sbatch") is None:
        raise StudyError(
            "there is no sbatch here; a study on Slurm is started on a login node of the cluster, one on this machine"
            " with `make study`"
        )


def run_in(logs: Iterable[Path | str]) -> str | None:
    """Return the name of a run's jobs, which Snakemake's plugin writes into the log; none where it is not used."""
    for log in logs:
        with contextlib.suppress(OSError):
            if found := ANNOUNCED.findall(Path(log).read_text(encoding="utf-8", errors="replace")):
                return str(found[-1])
    return None


def note(folder: Path, run: str | None) -> None:
    """Note in a results folder under which name a run's jobs go to Slurm; nothing, if it sends none."""
    if run is None:
        (folder / NOTE).unlink(missing_ok=True)
    else:
        (folder / NOTE).write_text(f"{run}\n", encoding="utf-8")


def was_used(folder: Path) -> bool:
    """Return whether the last run of a results folder sent its jobs to Slurm."""
    return (folder / NOTE).is_file()


def end_left_behind(folder: Path, say: Callable[[str], None], seconds: float = SECONDS_TO_END) -> None:
    """End what an earlier run of a results folder has left in Slurm's queue; the folder's lock must be held.

    Args:
        folder: the results folder.
        say: called with a sentence if there was something to end.
        seconds: how long to wait for it.

    Raises:
        StudyError: if Slurm does not answer, or the jobs do not end in time.
    """
    path = folder / NOTE
    run = path.read_text(encoding="utf-8", errors="replace").strip() if path.is_file() else ""
    if not run:
        return
    if not NAME.fullmatch(run):  # a power cut can leave zero bytes
        say(f"{path} is damaged; make sure that no job of an earlier run is left in a cluster's queue")
        return
    if shutil.which("squeue") is None:
        say(f"an earlier run went to Slurm, which is not here; make sure that none of its jobs ({run}) is left")
        return
    left = under_way(run)
    if left:
        say(f"{len(left)} jobs of an earlier run are still in Slurm's queue; they are cancelled and done again")
        _slurm("scancel", *left)
        _wait(run, seconds)


def under_way(run: str) -> list[str]:
    """Return the ids of a run's jobs that wait, run or end.

    Raises:
        StudyError: if Slurm does not answer.
    """
    return _slurm("squeue", "--noheader", f"--states={UNDER_WAY}", "--format=%i", "--name", run).split()


def keep_settings_for_steps(environment: MutableMapping[str, str], folder: Path) -> None:
    """See to it that ``SLURM_CONF`` reaches the step that each job starts, which the plugin's step drops.

    Where it is set, a small ``srun`` comes first on the path; it puts the variable back and calls the real one.

    Args:
        environment: of this process, which jobs inherit; changed in place.
        folder: where that ``srun`` stands.
    """
    if "SLURM_CONF" in environment and str(folder) not in environment.get("PATH", "").split(os.pathsep):
        environment["WHYLSTM_SLURM_CONF"] = environment["SLURM_CONF"]
        environment["PATH"] = os.pathsep.join([str(folder), environment.get("PATH", os.defpath)])


def _wait(run: str, seconds: float) -> None:
    last = time.monotonic() + seconds
    while left := under_way(run):
        if time.monotonic() > last:
            raise StudyError(
                f"jobs {', '.join(left)} of an earlier run do not end; wait until `squeue` shows them no longer"
            )
        time.sleep(1)


def _slurm(*words: str) -> str:
    done = subprocess.run(words, capture_output=True, text=True)
    if done.returncode:
        raise StudyError(f"Slurm does not answer: {' '.join(done.stderr.split()) or words[0]}; try again later")
    return done.stdout
