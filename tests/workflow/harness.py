"""A copy of the repository to run the workflow in, so that a test can break it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[2]
PARTS = ("Snakefile", "config.yaml", "environment.yml", "notebooks", "pyproject.toml", "src", "workflow")
SOURCES = shutil.ignore_patterns("__pycache__", "*.egg-info", ".ipynb_checkpoints")

STUB = """
from pathlib import Path
for path in snakemake.output:
    Path(path).write_text("[]")
Path(snakemake.log[0]).write_text("")
"""


class Study:
    """A checkout of its own in some folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @classmethod
    def copied(cls, folder: Path, ignore=SOURCES) -> Study:
        """Return a fresh copy of the repository's working tree, compiled code left out unless ``ignore`` says less."""
        folder.mkdir(parents=True, exist_ok=True)
        for part in PARTS:
            if (ROOT / part).is_dir():
                shutil.copytree(ROOT / part, folder / part, ignore=ignore, copy_function=shutil.copy2)
            else:
                shutil.copy2(ROOT / part, folder / part)
        return cls(folder)

    def with_stubs(self) -> Study:
        """Replace every script by one that writes a line into each output: jobs in no time, the graph as it is."""
        for script in (self.folder / "workflow" / "scripts").glob("*.py"):
            if script.stem != "door":
                script.write_text(f'"""{script.stem}"""\n{STUB}')
        return self

    def snakemake(self, *words: str, **options) -> subprocess.CompletedProcess[str]:
        """Run Snakemake in the copy, as a user does with the environment activated."""
        return self.run(sys.executable, "-m", "snakemake", *words, **options)

    def make(self, *words: str, **options) -> subprocess.CompletedProcess[str]:
        """Run what ``make study`` calls."""
        return self.run(sys.executable, "workflow/run.py", *words, **options)

    def run(self, *words: str, timeout: float = 900) -> subprocess.CompletedProcess[str]:
        """Run a command in the copy; its own sources must be found without any help."""
        return subprocess.run(
            words, cwd=self.folder, env=environment(), capture_output=True, text=True, timeout=timeout
        )

    def start(self, *words: str) -> subprocess.Popen[str]:
        """Start a command in the copy, in a process group of its own."""
        return subprocess.Popen(
            words,
            cwd=self.folder,
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def todo(self, *words: str) -> dict[str, set[str]]:
        """Return what a dry run would do: rule -> wildcard values of its jobs, without the rule that only collects."""
        done = self.snakemake("--dry-run", "--profile", "workflow/profiles/local", "--cores", "2", *words)
        assert done.returncode == 0, done.stdout + done.stderr
        return jobs(done.stdout + done.stderr)

    def edit(self, name: str, old: str, new: str) -> None:
        """Replace a piece of text that must be there."""
        path = self.folder / name
        text = path.read_text()
        assert old in text, f"{name} does not hold {old!r}"
        path.write_text(text.replace(old, new, 1))


def environment() -> dict[str, str]:
    """Return the environment of a fresh terminal: no path of this test run, one thread."""
    kept = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "WHYLSTM_SUMMARY")}
    return kept | {"OMP_NUM_THREADS": "1", "COLUMNS": "200"}


def jobs(said: str) -> dict[str, set[str]]:
    """Return the jobs that a dry run lists."""
    found: dict[str, set[str]] = {}
    for block in re.split(r"\n(?=\[[A-Z][a-z]{2} )", said):
        rule = re.search(r"^(?:local)?rule (\w+):", block, re.MULTILINE)
        if rule and rule[1] not in ("all", "data", "simulate", "train", "tables", "figures", "notebooks"):
            wildcards = re.search(r"^    wildcards: (.*)$", block, re.MULTILINE)
            values = [] if wildcards is None else re.findall(r"\w+=([\w.-]+)", wildcards[1])
            found.setdefault(rule[1], set()).add(" ".join(values))
    return found


def count(todo: dict[str, set[str]]) -> Counter[str]:
    """Return the number of jobs of each rule."""
    return Counter({rule: len(items) for rule, items in todo.items()})
