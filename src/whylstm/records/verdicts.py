"""The judged claims of a study as they are on disk."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from whylstm.records.plain import read_json


def read_claims(path: Path | str) -> dict[str, dict[str, Any]]:
    """Return the judged claims of a file ``claims.json`` by id, in their order.

    Raises:
        StudyError: if the file is missing or damaged.
    """
    found = read_json(path)
    listed = found if isinstance(found, list) else [{"id": key, **record} for key, record in found.items()]
    return {record["id"]: record for record in listed}
