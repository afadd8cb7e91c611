"""Make the config of a study: config.yaml, the tier over it, the command line over both; then check and complete it."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

from whylstm.errors import StudyError
from whylstm.families import did_you_mean
from whylstm.study.checks import check_consistency
from whylstm.study.reading import read_yaml
from whylstm.study.schema import ROOT, completed
from whylstm.study.validation import check, shown

Config = dict[str, Any]
"""A valid config with every default filled in."""

DEFAULT = "default"


def load(
    path: Path | str | None = None, tier: str | None = None, overrides: Config | None = None, root: Path = ROOT
) -> Config:
    """Return the config of a study.

    Args:
        path: the YAML file with the default tier; ``config.yaml`` of the study if left out.
        tier: the size of the study; if left out, the key ``tier`` of the overrides or of the file says it.
        overrides: keys that win over file and tier, such as Snakemake's ``config`` where the Snakefile names no file.
        root: the folder of the study, with ``workflow/tiers``.

    Raises:
        StudyError: for the first mistake, in one sentence.
    """
    base = read_yaml(Path(path) if path is not None else root / "config.yaml")
    return assemble(base, tier, overrides or {}, root)


def assemble(base: Config, tier: str | None, overrides: Config, root: Path = ROOT) -> Config:
    """Return the checked and completed config from its three layers; arguments as :func:`load`."""
    name = tier if tier is not None else overrides.get("tier", base.get("tier", DEFAULT))
    merged = merge(merge(base, tier_keys(name, root)), overrides)
    merged["tier"] = name
    check(merged)
    config = completed(merged)
    check_consistency(config)
    return config


def tiers(root: Path = ROOT) -> list[str]:
    """Return the names of all tiers."""
    return sorted({DEFAULT, *(path.stem for path in (root / "workflow" / "tiers").glob("*.yaml"))})


def tier_keys(name: Any, root: Path = ROOT) -> Config:
    """Return the keys that a tier overrides.

    Raises:
        StudyError: if there is no such tier, with the nearest name, or if its file cannot be read.
    """
    if name not in tiers(root):
        raise StudyError(f"tier is {shown(name)}, which does not exist; {did_you_mean(str(name), tiers(root))}")
    return {} if name == DEFAULT else read_yaml(root / "workflow" / "tiers" / f"{name}.yaml")


def merge(base: Config, over: Config) -> Config:
    """Return ``base`` with the keys of ``over``: mappings are merged key by key, all else is replaced."""
    merged = copy.deepcopy(base)
    for name, value in over.items():
        both = isinstance(value, dict) and isinstance(merged.get(name), dict)
        merged[name] = merge(merged[name], value) if both else copy.deepcopy(value)
    return merged


def results_folder(config: Config) -> Path:
    """Return where the study writes, relative to its own folder: ``results``, or ``results/<tier>`` for other tiers."""
    return Path("results") if config["tier"] == DEFAULT else Path("results") / config["tier"]
