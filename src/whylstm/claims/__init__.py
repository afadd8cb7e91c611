"""Claims: one file per statement of the article, found by its name. Each holds its rule; verdicts are computed.

``evaluate`` is the door for the workflow. What several claims share stands in modules with a leading underscore.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from whylstm import families, wording

if TYPE_CHECKING:
    import pandas as pd

    from whylstm.claims.base import Claim

FAMILY = __name__
NUMBER = ("key", "value", "low", "high", "n", "unit", "meaning")


def names() -> list[str]:
    """Return the names of all claims in order: c01, c02 ..."""
    return families.names(FAMILY)


def load(name: str) -> Claim:
    """Return the claim called ``name``.

    Raises:
        StudyError: if there is none, with the nearest name.
    """
    return families.load(FAMILY, name, "CLAIM")


def tables(chosen: Iterable[str] | None = None) -> list[str]:
    """Return the sorted names of the tables that the claims read; all claims unless some are named."""
    return sorted({table for name in (names() if chosen is None else chosen) for table in load(name).tables})


def evaluate(
    given: Mapping[str, pd.DataFrame] | Path | str, command: str | None = None, chosen: Iterable[str] | None = None
) -> list[dict[str, Any]]:
    """Judge every claim, and return one record per claim, in order, ready for JSON.

    Args:
        given: the tables by name, or the folder that holds them as ``<table>.parquet``.
        command: what computes the verdicts again; made from the folder if left out.
        chosen: the claims to judge, all if left out; a study without training has not the tables of some.

    Returns: Records with ``id, place, paraphrase, statistic, rule, conditions, verdict, title, sentence, tables,
        figure, number`` (the one that decides most: ``key, value, low, high, n, unit, meaning, text, span``),
        ``numbers`` (all, by key), ``words``, ``code`` and ``command``.

    Raises:
        StudyError: if a table is missing or damaged.
    """
    asked = names() if chosen is None else sorted(chosen)
    frames = given if isinstance(given, Mapping) else _read(Path(given), asked)
    folder = Path("results/tables") if isinstance(given, Mapping) else Path(given)
    again = command or wording.command(folder.parent / "claims.json")
    return [load(name).record(frames) | {"command": again} for name in asked]


def table(judged: list[dict[str, Any]]) -> pd.DataFrame:
    """Return the records of ``evaluate`` as the table ``claims``: one row per claim, with its main number."""
    import pandas as pd

    own = ("place", "paraphrase", "statistic", "rule", "conditions", "verdict", "title", "sentence")
    rows = [
        {"claim": claim["id"], **{name: claim[name] for name in own}}
        | {name: claim["number"][name] for name in NUMBER}
        | {"tables": " ".join(claim["tables"])}
        for claim in judged
    ]
    return pd.DataFrame(rows).astype({"value": "float64", "low": "float64", "high": "float64", "n": "Int64"})


def _read(folder: Path, chosen: list[str]) -> dict[str, pd.DataFrame]:
    """Return the tables that claims read; one that is not there is missed by the claim that needs it."""
    from whylstm.records import read_table

    paths = {name: folder / f"{name}.parquet" for name in tables(chosen)}
    return {name: read_table(path, name) for name, path in paths.items() if path.is_file()}
