"""JSON: sorted keys, one spelling for every value, and numbers that JSON does not know.

JSON has no NaN and no infinity. Here NaN is written as ``null`` (there is no number), and the infinities, which are
results (the logarithm of zero), as the strings ``"inf"`` and ``"-inf"``, which ``float`` reads back.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from whylstm.errors import StudyError
from whylstm.records.files import damaged, read_bytes, write_bytes


def dumps(value: Any) -> str:
    """Return a value as JSON text, equal for equal values: keys sorted, two spaces of indent, UTF-8, a final newline.

    >>> dumps({"b": float("-inf"), "a": (1, float("nan"))}).split()
    ['{', '"a":', '[', '1,', 'null', '],', '"b":', '"-inf"', '}']

    Raises:
        StudyError: if the value holds something that is no text, number, truth value, list or mapping.
    """
    return json.dumps(_plain(value), sort_keys=True, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def write_json(path: Path | str, value: Any) -> None:
    """Write :func:`dumps` of a value, whole or not at all; errors as there and in :func:`write_bytes`."""
    write_bytes(path, dumps(value).encode())


def read_json(path: Path | str) -> Any:
    """Return the value in a JSON file.

    Raises:
        StudyError: if the file is missing, or damaged and so no JSON.
    """
    try:
        return json.loads(read_bytes(path))
    except ValueError as error:
        raise damaged(path, error) from error


def _plain(value: Any) -> Any:
    """Return a value made of what JSON knows; numpy's numbers and arrays become Python's."""
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, float):
        return _number(value)
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, Mapping):
        return {str(name): _plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    raise StudyError(f"a {type(value).__name__} cannot be written as JSON: {value!r}; allowed: text, numbers, lists")


def _number(value: float) -> float | str | None:
    if math.isnan(value):
        return None
    return value if math.isfinite(value) else str(value)
