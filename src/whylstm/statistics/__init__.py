"""Statistics: one file per table, found by its name. Each maps frames to a tidy frame; none imports torch.

``compute`` is the door for the workflow. Medians, intervals and the shape of a profile stand in modules whose names
start with an underscore.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from whylstm import families

if TYPE_CHECKING:
    import pandas as pd

    from whylstm.statistics.base import Statistic

FAMILY = __name__


def names() -> list[str]:
    """Return the names of all statistics, which are the names of their tables."""
    return families.names(FAMILY)


def load(name: str) -> Statistic:
    """Return the statistic called ``name``.

    Raises:
        StudyError: if there is none, with the nearest name.
    """
    return families.load(FAMILY, name, "STATISTIC")


def compute(
    name: str,
    sources: Iterable[Path | str],
    output: Path | str | None = None,
    folder: Path | str | None = None,
    expected: Mapping[str, str] | None = None,
) -> pd.DataFrame:
    """Compute one table, write it as Parquet, and return it.

    Args:
        name: the statistic.
        sources: manifests of simulated chunks (``.json``) and finished tables (``<table>.parquet``); more tables than
            the statistic reads may be given.
        output: the file; None to write none.
        folder: the folder of the records; if left out, ``records`` beside the folder ``manifests`` of each manifest.
        expected: what each chunk of the study holds (:func:`whylstm.records.manifest.holding`), by its name; None to
            take the manifests for the study.

    Raises:
        StudyError: if the statistic does not exist, a source is missing, a manifest is not what is expected of its
            chunk, or a record is not what its manifest states.
    """
    from whylstm import records
    from whylstm.statistics import _sources

    base = None if folder is None else Path(folder)
    frame = _sources.reduce(load(name), name, [Path(source) for source in sources], base, expected)
    if output is not None:
        records.write_table(output, frame, name)
    return frame
