"""values.json and claims.json as tables, so that they are held as tables are."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from whylstm.errors import StudyError

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

NUMBERS = ("value", "low", "high", "n")
CLAIM = ("verdict", "title", "sentence", "paraphrase", "place", "statistic", "rule", "conditions", "figure")


def values_frame(content: Any) -> pd.DataFrame:
    """Return values.json as a table with one row per key.

    Raises:
        StudyError: if it is no mapping of records.
    """
    return _frame([{"key": key} | record for key, record in _records(content, "values.json")], ["key"])


def claims_frame(content: Any) -> pd.DataFrame:
    """Return the words of claims.json as a table with one row per claim; StudyError if it is no list of records."""
    rows = [{"claim": name} | {word: str(claim.get(word)) for word in CLAIM} for name, claim in _claims(content)]
    return _frame(rows, ["claim"])


def numbers_frame(content: Any) -> pd.DataFrame:
    """Return the numbers of claims.json as a table with one row per claim and number; StudyError as above."""
    rows = [
        {"claim": name, "key": key} | record
        for name, claim in _claims(content)
        for key, record in claim.get("numbers", {}).items()
    ]
    return _frame(rows, ["claim", "key"])


def everywhere(frame: pd.DataFrame) -> np.ndarray:
    """Return that every row may use its interval: it may be made from chaotic points."""
    import numpy as np

    return np.ones(len(frame), dtype=bool)


def _records(content: Any, what: str) -> Iterable[tuple[str, dict[str, Any]]]:
    if not isinstance(content, dict) or not all(isinstance(record, dict) for record in content.values()):
        raise StudyError(f"{what} is not what the study writes: it must map keys to records")
    return content.items()


def _claims(content: Any) -> Iterable[tuple[str, dict[str, Any]]]:
    if not isinstance(content, list) or not all(isinstance(claim, dict) and "id" in claim for claim in content):
        raise StudyError("claims.json is not what the study writes: it must be a list of records with an id")
    return ((claim["id"], claim) for claim in content)


def _frame(rows: list[dict[str, Any]], key: list[str]) -> pd.DataFrame:
    """Return rows as a table: NUMBERS as float64 (``"inf"`` is a number in our JSON), the rest as text."""
    import pandas as pd

    frame = pd.DataFrame(rows, columns=None if rows else [*key, *NUMBERS])
    for name in frame.columns:
        frame[name] = frame[name].astype(float) if name in NUMBERS else frame[name].map(str).astype(object)
    return frame
