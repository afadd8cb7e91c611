"""Soak test: run the small study over and over, harmed at random moments; in the end its bytes must be the same.

    python -m tests.soak.run [--runs 5] [--seed 1] [--folder FOLDER] [targets and options of the study ...]

First the study is run undisturbed, in a copy of this checkout. Then, N times, from nothing: it is started, and at a
random moment a job, Snakemake, a notebook's kernel or everything is killed, or a file of records, checkpoints or
outputs is damaged; then it is started again, three times harmed and at last in peace. A run in peace may need to be
started a second or third time, where it says what it found. In the end every byte is compared. The tally says what was
done and what came out; the seed makes the choices, not the moments, since those depend on the machine.

With targets of your own, name all that shall be whole in the end: Snakemake makes a lost file again only where it is
asked for, or where something that needs it is to be made (the target ``all``, the default, names every product).
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from tests.soak.harm import damage, kill
from tests.workflow.harness import Study, environment

HARMS = 3
"""Harms to each run, before it is left in peace."""

STARTS = 4
"""How often a run in peace may be started: each start may find another damage and say so."""


def main(words: list[str] | None = None) -> int:
    """Run the soak test; return 0 if every run ended with the right bytes."""
    parser = argparse.ArgumentParser(description="Run the small study, harmed at random, and compare its bytes.")
    parser.add_argument("--runs", type=int, default=5, help="harmed runs (default: 5)")
    parser.add_argument("--seed", type=int, default=1, help="of the choices (default: 1)")
    parser.add_argument("--folder", help="where to work (default: a new folder, deleted at the end)")
    parser.epilog = "All else is handed to the study: targets (default: everything), --config ..."
    asked, rest = parser.parse_known_args(words)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(asked.folder or temporary)
        return soak(folder, asked.runs, asked.seed, rest)


def soak(folder: Path, runs: int, seed: int, rest: list[str]) -> int:
    """Do it; arguments as on the command line."""
    study = Study.copied(folder / "study", ignore=shutil.ignore_patterns("*.egg-info"))
    command = [sys.executable, "workflow/run.py", "--tier", "smoke", "--cores", "2", *rest]
    began = time.monotonic()
    if (code := peace(study, command)[0]) != 0:
        say("the undisturbed run failed")
        return code
    lasted = time.monotonic() - began
    expected, tally, failures = contents(study), Counter[str](), 0
    say(f"undisturbed: {len(expected)} files in {lasted:.0f} s; now {runs} runs that are not, seed {seed}")
    for number in range(1, runs + 1):
        dice = random.Random(f"{seed}/{number}")
        found = harmed_run(study, command, dice, lasted)
        tally.update(what(line) for line in found)
        wrong = difference(expected, contents(study))
        failures += bool(wrong)
        say(f"run {number}: {'; '.join(found)} -> {wrong or 'the same bytes'}")
    done = ", ".join(f"{what} {count}" for what, count in sorted(tally.items()))
    say(f"tally: {runs - failures} of {runs} runs ended with the same bytes ({done})")
    return 1 if failures else 0


def what(line: str) -> str:
    """Return what happened, without the file and the moment: ``job killed``, ``truncated``, ``whole``."""
    if " killed after" in line:
        return line.partition(" after")[0]
    return "whole" if line.startswith("whole") else " ".join(line.split()[1:]) or line


def say(line: str) -> None:
    """Say a line at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def harmed_run(study: Study, command: list[str], dice: random.Random, lasted: float) -> list[str]:
    """Run the study from nothing, harmed several times, then in peace; return what was done to it."""
    shutil.rmtree(study.folder / "results", ignore_errors=True)
    shutil.rmtree(study.folder / ".snakemake", ignore_errors=True)
    found = []
    for _ in range(HARMS):
        process = start(study, command)
        moment = dice.uniform(0.05, 0.9) * lasted
        waited = wait(process, moment)
        if process.poll() is None and dice.random() < 0.7:
            found.append(f"{kill(process.pid, dice)} killed after {waited:.0f} s")
        end(process)
        if dice.random() < 0.7:
            found.append(damage(study.folder / "results", dice))
    code, starts = peace(study, command)
    found.append(f"whole after {starts} start{'s' * (starts > 1)}" if code == 0 else f"FAILED with {code}")
    return found


def start(study: Study, command: list[str]) -> subprocess.Popen[bytes]:
    """Start a run; what it says goes into a file beside the study."""
    with (study.folder / "said.txt").open("ab") as file:
        return subprocess.Popen(
            command, cwd=study.folder, env=environment(), stdout=file, stderr=subprocess.STDOUT, start_new_session=True
        )


def wait(process: subprocess.Popen[bytes], seconds: float) -> float:
    """Wait so long, or until a run has ended; return how long it was."""
    began = time.monotonic()
    while process.poll() is None and time.monotonic() - began < seconds:
        time.sleep(0.1)
    return time.monotonic() - began


def end(process: subprocess.Popen[bytes]) -> None:
    """Wait for a run that was harmed: it fails, or goes on without what was killed. Nothing of it may stay at work."""
    try:
        process.wait(timeout=900)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, 9)
        process.wait()


def peace(study: Study, command: list[str]) -> tuple[int, int]:
    """Start a run until it succeeds; return its exit code, and how often it was started."""
    for starts in range(1, STARTS + 1):
        process = start(study, command)
        if process.wait() == 0 or starts == STARTS:
            break
        time.sleep(2)  # jobs whose Snakemake was killed look for it every second
    return process.returncode, starts


def contents(study: Study) -> dict[str, bytes]:
    """Return the bytes of all results but logs, times and checkpoints (which a finished run has none of)."""
    folder = study.folder / "results" / "smoke"
    files = (path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("."))
    own = {path.relative_to(folder).as_posix(): path for path in files}
    return {name: path.read_bytes() for name, path in own.items() if not name.startswith(("logs/", "benchmarks/"))}


def difference(expected: dict[str, bytes], found: dict[str, bytes]) -> str:
    """Return in words how results differ; empty if they do not."""
    words = [
        *(f"{name} is missing" for name in sorted(expected.keys() - found.keys())),
        *(f"{name} should not be there" for name in sorted(found.keys() - expected.keys())),
        *(f"{name} differs" for name in sorted(expected.keys() & found.keys()) if expected[name] != found[name]),
    ]
    return ", ".join(words[:5]) + (f" and {len(words) - 5} more" if len(words) > 5 else "")


if __name__ == "__main__":
    sys.exit(main())
