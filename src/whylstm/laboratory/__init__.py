"""Experiments outside the grid: small, exact, one file and one table each, found by name.

The grid answers "how much, and where"; these answer "is this equation right", "what does theory say", "can it happen at
all". Each returns raw rows, one per replicate where there are any; intervals are made from them later.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from whylstm import families, records
from whylstm.laboratory.base import Experiment

FAMILY = __name__


def names() -> list[str]:
    """Return the names of all experiments; each is the name of its table as well."""
    return families.names(FAMILY)


def load(name: str) -> Experiment:
    """Return the experiment called ``name``.

    Raises:
        StudyError: if there is none, with the nearest name.
    """
    return families.load(FAMILY, name, "EXPERIMENT")


def perform(name: str, seed: int, settings: dict[str, Any], output: Path | str) -> None:
    """Run an experiment and write its table.

    Args:
        name: the experiment.
        seed: the study's seed.
        settings: values for the experiment's settings, instead of its defaults.
        output: the file of the table.

    Raises:
        StudyError: if a setting is not one of the experiment's.
    """
    records.write_table(output, load(name).run(seed, settings), name)
