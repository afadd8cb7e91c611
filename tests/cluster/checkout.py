"""A clean clone to run the study in, on this machine and on the cluster, and what its runs said."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
SUBMITTED = re.compile(
    r"Job (\d+) has been submitted with SLURM jobid (\d+) \(log: \S*/rule_(\w+?)/(?:(\S+)/)?\d+\.log\)"
)
LOCAL = re.compile(r"^localrule (\w+):", re.MULTILINE)
STATED = re.compile(r"^localrules:\n((?:    \w+,\n)+)", re.MULTILINE)

OWN = {"PYTHONPATH", "MAKEFLAGS", "MAKELEVEL", "MFLAGS", "MAKEOVERRIDES"}
OWN |= {"ARGS", "CORES", "JOBS", "N", "PYTHON", "SEED", "SITE", "TIER"}

# Not compared: logs, times, and files of the runs themselves.
ASIDE = ("logs/", "benchmarks/", "comparison/", ".")


@dataclass(frozen=True)
class Sent:
    """A job that Snakemake has sent to Slurm: its id there, its rule, and its wildcards in one word."""

    slurm: int
    rule: str
    wildcards: str


class Checkout:
    """A clone of the last commit, with the packages of this environment."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @classmethod
    def cloned(cls, folder: Path) -> Checkout:
        """Return a fresh clone."""
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(folder)], check=True)
        (folder / ".venv").symlink_to(sys.prefix)
        (folder / ".venv" / ".ready").touch()  # so that nothing is installed from the clone, which will be gone
        take_over_compiled_code(folder)
        return cls(folder)

    def run(self, *words: str, environment: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
        """Run a command here and return what it said; if this test is ended meanwhile, so is all that it started."""
        process = subprocess.Popen(
            words,
            cwd=self.folder,
            env=clean(environment),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
        )
        try:
            said, told = process.communicate()
        finally:
            kill_group(process)
        return subprocess.CompletedProcess(words, process.returncode, said, told)

    def start(self, *words: str, environment: dict[str, str], said: Path) -> subprocess.Popen[str]:
        """Start a command here in a process group of its own; what it says goes into a file."""
        with said.open("w") as file:
            return subprocess.Popen(
                words,
                cwd=self.folder,
                env=clean(environment),
                stdout=file,
                stderr=file,
                stdin=subprocess.DEVNULL,
                text=True,
                start_new_session=True,
            )

    def logs(self) -> str:
        """Return Snakemake's own logs of all runs here, oldest first."""
        paths = sorted((self.folder / ".snakemake" / "log").glob("*.snakemake.log"))
        return "\n".join(path.read_text(errors="replace") for path in paths)

    def sent(self) -> list[Sent]:
        """Return the jobs that went to Slurm."""
        return [Sent(int(slurm), rule, wildcards) for _, slurm, rule, wildcards in SUBMITTED.findall(self.logs())]

    def ran_here(self) -> set[str]:
        """Return the rules whose jobs stayed on this machine."""
        return set(LOCAL.findall(self.logs()))

    def stays_here(self) -> set[str]:
        """Return the rules that the Snakefile keeps on this machine."""
        return set(re.findall(r"\w+", STATED.search((self.folder / "Snakefile").read_text())[1]))


def take_over_compiled_code(folder: Path) -> None:
    """Give a clone the compiled kernels of this checkout, which saves minutes, if its code is the same to the byte."""
    sources = [path.relative_to(ROOT) for path in (ROOT / "src").rglob("*.py")]
    if any(
        not (folder / name).exists() or (folder / name).read_bytes() != (ROOT / name).read_bytes() for name in sources
    ):
        return
    for name in sources:
        shutil.copystat(ROOT / name, folder / name)  # compiled code belongs to a file of a certain time
    for compiled in (ROOT / "src").rglob("*.nb[ci]"):
        place = folder / compiled.relative_to(ROOT)
        place.parent.mkdir(exist_ok=True)
        shutil.copy2(compiled, place)


def contents(results: Path) -> dict[str, bytes]:
    """Return the bytes of all results, by path."""
    files = {path.relative_to(results).as_posix(): path for path in results.rglob("*") if path.is_file()}
    return {name: path.read_bytes() for name, path in sorted(files.items()) if not name.startswith(ASIDE)}


def kill_group(process: subprocess.Popen[str]) -> None:
    """Kill a command with all that it started on this machine, as a login node that goes down does."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def clean(environment: dict[str, str] | None) -> dict[str, str]:
    """Return the environment of a fresh terminal: nothing of this test's own, nor of the make that started it."""
    given = os.environ if environment is None else environment
    return {name: value for name, value in given.items() if name not in OWN}
