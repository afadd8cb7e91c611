"""What can happen to a run and to its files, at random: kills of all kinds, and damage of all kinds."""

from __future__ import annotations

import contextlib
import os
import random
import signal
from pathlib import Path

import psutil

SPARED = ("logs", "benchmarks", "seals")
"""Folders that hold no results. A seal only says that a record can be kept; a damaged one makes its point be measured
anew when its chunk is at work again, to the same bytes, and not before."""


def processes(run: int) -> dict[str, list[psutil.Process]]:
    """Return the processes below a run by what they are: the run itself, Snakemake, jobs, notebook kernels."""
    found: dict[str, list[psutil.Process]] = {"run": [], "snakemake": [], "job": [], "kernel": []}
    with contextlib.suppress(psutil.Error):
        top = psutil.Process(run)
        found["run"].append(top)
        for process in top.children(recursive=True):
            with contextlib.suppress(psutil.Error):
                found.setdefault(kind(" ".join(process.cmdline())), []).append(process)
    return found


def kind(command: str) -> str:
    """Return what a command line is."""
    if "ipykernel_launcher" in command:
        return "kernel"
    if "/.snakemake/scripts/" in command and "python" in command.split()[0]:
        return "job"
    return "snakemake" if " -m snakemake " in command else "other"


def kill(run: int, dice: random.Random) -> str:
    """Kill something of a run, or all of it, and return what it was."""
    found = processes(run)
    choices = [name for name in ("job", "snakemake", "kernel") if found[name]] + ["everything"]
    what = dice.choice(choices)
    victims = [process for group in found.values() for process in group] if what == "everything" else found[what]
    for process in victims if what == "everything" else [dice.choice(victims)]:
        with contextlib.suppress(psutil.Error):
            process.send_signal(signal.SIGKILL)
    return what


def damage(results: Path, dice: random.Random) -> str:
    """Damage one file of the results, or of records and checkpoints behind them, and return what was done to it.

    Its time is that of the damage; what no time tells is found when it is read (a test of its own shows that).
    """
    files = sorted(path for path in results.rglob("*") if path.is_file() and can_be_harmed(path, results))
    if not files:
        return "nothing to damage yet"
    path, how = dice.choice(files), dice.choice(("truncated", "emptied", "flipped", "deleted", "from next year"))
    content = path.read_bytes()
    match how:
        case "truncated":
            path.write_bytes(content[: dice.randrange(len(content) + 1)])
        case "emptied":
            path.write_bytes(b"")
        case "flipped" if content:
            place = dice.randrange(len(content))
            path.write_bytes(content[:place] + bytes([content[place] ^ 1 << dice.randrange(8)]) + content[place + 1 :])
        case "deleted":
            path.unlink()
        case "from next year":
            os.utime(path, (4e9, 4e9))
    return f"{path.relative_to(results)} {how}"


def can_be_harmed(path: Path, results: Path) -> bool:
    """Return whether a file is one that a run is answerable for."""
    parts = path.relative_to(results).parts
    return not parts[-1].startswith(".") and not any(part in SPARED for part in parts)
