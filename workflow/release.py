"""Pack a finished study into one archive, if its results are whole and up to date.

    python workflow/release.py [--tier smoke]

It is what ``make release`` calls. Snakemake is asked, without running anything, whether something is to be done: if so,
a result is missing, or was made by other code or another config than the present ones, and nothing is packed.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "src"))

from whylstm import records  # (the package of this checkout, wherever another is installed)
from whylstm.errors import StudyError
from whylstm.records import lock
from whylstm.release import pack, verify
from whylstm.study import config as study_config


def main(words: list[str] | None = None) -> int:
    """Check, pack, verify, and say where the archive is; return the exit code."""
    parser = argparse.ArgumentParser(description="Pack a finished study into one archive.")
    parser.add_argument("--tier", default=None, help="size of the study; what config.yaml says if left out")
    tier = parser.parse_args(words).tier
    os.chdir(ROOT)
    try:
        config = study_config.load(tier=tier, root=ROOT)
        folder = study_config.results_folder(config)
        with lock.hold(folder):
            check_current(tier, folder.as_posix())
            path = pack(ROOT, folder, config)
        if wrong := verify(path):
            raise StudyError(f"the archive {path} does not hold what it states: {wrong[0]}")
    except StudyError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{path}: {path.stat().st_size / 2**20:.1f} MiB, sha256 {records.sha256(path)}")
    return 0


def check_current(tier: str | None, folder: str) -> None:
    """Check that Snakemake has nothing to do.

    Raises:
        StudyError: if it has, saying how many jobs of which rules.
    """
    words = [sys.executable, "-m", "snakemake", "--snakefile", str(ROOT / "Snakefile"), "--directory", str(ROOT)]
    words += ["--config", f"tier={tier}"] if tier else []
    words += ["--profile", str(ROOT / "workflow" / "profiles" / "local"), "--nolock", "--dry-run"]
    done = subprocess.run(words, capture_output=True, text=True)
    said = done.stdout + done.stderr
    if done.returncode != 0:
        raise StudyError(f"the results in {folder} cannot be packed: {said.strip().splitlines()[-1]}")
    if "Nothing to be done" not in said:
        jobs = re.findall(r"^(\w+)\s+(\d+)$", said.partition("Job stats:")[2].partition("total")[0], re.MULTILINE)
        waiting = ", ".join(f"{count} {rule}" for rule, count in jobs if rule != "all") or "some"
        raise StudyError(
            f"the results in {folder} are stale or incomplete (jobs to do: {waiting}); run the study first"
        )


if __name__ == "__main__":
    sys.exit(main())
