"""Where results come from: a sidecar beside them, so that the results themselves compare byte for byte.

It says nothing of clock, host or path: equal circumstances give an equal sidecar.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import platform
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from whylstm import __version__
from whylstm.records.files import sha256
from whylstm.records.plain import dumps


def describe(
    config: dict[str, Any], products: Iterable[Path | str], folder: Path | str, threads: int
) -> dict[str, Any]:
    """Return what a study's results were made with.

    Args:
        config: the completed config.
        products: the files of results.
        folder: the results folder; products are named relative to it.
        threads: threads of each job.

    Returns:
        ``study`` (version, commit, dirty), ``config`` and its hash, ``python``, ``packages``, ``machine``, ``threads``
        and the sha256 of each product.

    Raises:
        StudyError: if a product is missing.
    """
    return {
        "study": {"version": __version__, **commit(Path(__file__).parents[3])},
        "config": config,
        "config_sha256": hashlib.sha256(dumps(config).encode()).hexdigest(),
        "python": platform.python_version(),
        "packages": packages(),
        "machine": machine(),
        "threads": threads,
        "products": {Path(path).relative_to(folder).as_posix(): sha256(path) for path in products},
    }


def commit(root: Path) -> dict[str, Any]:
    """Return the commit of a checkout and whether files differ from it; both None where git cannot say."""
    head = _git(root, "rev-parse", "HEAD")
    changed = _git(root, "status", "--porcelain")
    return {"commit": head, "dirty": None if head is None or changed is None else bool(changed)}


def packages() -> dict[str, str]:
    """Return the version of every installed package by its name."""
    found = {item.name: item.version for item in importlib.metadata.distributions() if item.name}
    return dict(sorted(found.items(), key=lambda item: item[0].lower()))


def machine() -> dict[str, Any]:
    """Return what the last digits of a result may depend on: system, processor and the instructions that numpy uses."""
    import numpy as np

    shown: Any = np.show_config(mode="dicts")
    return {
        "system": platform.system(),
        "processor": platform.machine(),
        "simd": shown.get("SIMD Extensions", {}).get("found", []),
        "blas": shown.get("Build Dependencies", {}).get("blas", {}).get("name", "unknown"),
    }


def _git(root: Path, *words: str) -> str | None:
    try:
        done = subprocess.run(["git", *words], cwd=root, capture_output=True, text=True, check=True, timeout=60)
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()
