"""Install Debian's Slurm and munge where they are missing and we may; otherwise say in one line what is lacking."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

from tests.cluster.slurm import PACKAGES, missing_programs


def main() -> int:
    """Return 0 if all programs are there, else 1 after one line that says why not."""
    missing = missing_programs()
    if not missing:
        return 0
    lacking = f"make test-cluster needs {', '.join(PACKAGES)} (not found: {', '.join(missing)})"
    if shutil.which("apt-get") is None:
        return refuse(f"{lacking}, and there is no apt-get here to install them with")
    if os.geteuid() != 0:
        return refuse(f"{lacking}, and only root can install them: sudo apt-get install {' '.join(PACKAGES)}")
    sys.stdout.write(f"installing {' and '.join(PACKAGES)} (once)\n")
    sys.stdout.flush()
    said = install()
    if missing_programs():
        return refuse(f"{lacking}, and apt-get could not install them: {said}")
    return 0


def install() -> str:
    """Install the packages and return apt's last line."""
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    words: list[list[str]] = [["update"], ["install", "--yes", "--no-install-recommends", *PACKAGES]]
    last = ""
    for command in words:
        done = subprocess.run(["apt-get", "-qq", *command], env=environment, capture_output=True, text=True)
        last = ((done.stderr or done.stdout).strip().splitlines() or [""])[-1]
    return last


def refuse(line: str) -> int:
    """Say a line on the error stream and return 1."""
    sys.stderr.write(f"{line}\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
