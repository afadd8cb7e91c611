"""A grid of a hundred thousand points: how long its plan takes, and a dry run of its chunks, and how much memory.

    PYTHONPATH=src python benchmarks/large_grid.py

It works in a copy of the checkout's sources in a temporary folder, and changes nothing.
"""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[1]
PARTS = ("Snakefile", "config.yaml", "environment.yml", "notebooks", "pyproject.toml", "src", "workflow")
GAINS, BIASES = 500, 34


def copied(folder: Path) -> None:
    """Copy the sources, and widen the grid of gated cells in the copy's config."""
    for part in PARTS:
        copy = shutil.copytree if (ROOT / part).is_dir() else shutil.copy2
        copy(ROOT / part, folder / part)
    path = folder / "config.yaml"
    config = yaml.safe_load(path.read_text())
    config["simulation"]["grids"]["gated"] |= {
        "gain": [round(0.01 * step, 4) for step in range(1, GAINS + 1)],
        "forget_bias": [round(0.1 * step, 3) for step in range(BIASES)],
    }
    path.write_text(yaml.safe_dump(config))


def measured(title: str, folder: Path, *words: str) -> None:
    """Run a command and print its times and its memory."""
    before, now = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    environment = os.environ | {"PYTHONPATH": str(folder / "src")}
    subprocess.run([sys.executable, *words], cwd=folder, env=environment, check=True, capture_output=True)
    after, wall = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter() - now
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(f"{title}: {wall:.1f} s, {processor:.1f} s of processor, at most {after.ru_maxrss / 1024:.0f} MiB so far")


def main() -> None:
    """Measure both."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        copied(folder)
        measured("plan", folder, "-m", "whylstm", "plan", "--no-probe", "--root", str(folder))
        profile = ["--profile", "workflow/profiles/local", "--cores", "2"]
        measured("dry run of all chunks", folder, "-m", "snakemake", "-n", "-q", *profile, "simulate")


if __name__ == "__main__":
    main()
