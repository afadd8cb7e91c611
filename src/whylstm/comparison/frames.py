"""Two versions of one table, row by row: rows are joined by their key, columns held by the rule."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from whylstm.comparison import tolerance
from whylstm.comparison.outcome import Compared, Difference, Outcome

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd


@dataclass(frozen=True)
class Rules:
    """What is known of a table: its kind and name, its key, its columns' units, and which rows are chaotic.

    ``strict`` says that also a chaotic row is held as a regular one in columns that have no interval.
    """

    kind: str
    name: str
    key: tuple[str, ...]
    units: Mapping[str, str]
    chaotic: Callable[[pd.DataFrame], np.ndarray]
    strict: bool = False


def compare_frames(first: pd.DataFrame, second: pd.DataFrame, rules: Rules) -> Compared:
    """Return how two versions of a table relate.

    Where one of them lacks a column of the key, as an older version of the study may, the rest of the key must do.
    """
    notes = _columns_in_one(first, second)
    rules = replace(rules, key=tuple(name for name in rules.key if name in first and name in second))
    if not rules.key or any(frame.duplicated(list(rules.key)).any() for frame in (first, second)):
        notes.append(f"its rows cannot be joined: the key {', '.join(rules.key)} does not name one row")
        return Compared(rules.kind, rules.name, Outcome.DIFFERS, notes=tuple(notes))
    a, b, more = _joined(first, second, rules)
    notes += more
    columns = [name for name in a.columns if name not in rules.key]
    unequal = {name: ~_same(a[name], b[name]) for name in columns}
    chaotic = rules.chaotic(a)
    held = {name: unequal[name] & ~_agrees(a, b, name, chaotic, rules) for name in columns if unequal[name].any()}
    free = _freed(a, b, {name: unequal[name] & ~held[name] & chaotic for name in held}, rules)
    found = tuple(_difference(a, b, name, wrong, rules) for name, wrong in held.items() if wrong.any())
    outcome = Outcome.DIFFERS if found or notes else Outcome.AGREES if held else Outcome.IDENTICAL
    return Compared(rules.kind, rules.name, outcome, len(a), free, found, tuple(notes))


def _freed(a: pd.DataFrame, b: pd.DataFrame, passed: Mapping[str, np.ndarray], rules: Rules) -> int:
    """Return how many chaotic rows differ, beyond what a regular row may, in a column that nothing is asked of."""
    import numpy as np

    regular = np.zeros(len(a), dtype=bool)
    lost = [rows & ~_agrees(a, b, name, regular, rules) for name, rows in passed.items() if _free(a, b, name, rules)]
    return int(np.any(lost, axis=0).sum()) if lost else 0


def _columns_in_one(first: pd.DataFrame, second: pd.DataFrame) -> list[str]:
    pairs = ((first, second, "first"), (second, first, "second"))
    return [f"column {name} is only in the {where}" for one, other, where in pairs for name in one if name not in other]


def _joined(first: pd.DataFrame, second: pd.DataFrame, rules: Rules) -> tuple[pd.DataFrame, pd.DataFrame, list[str]]:
    """Return the rows that both have, in the same order, and what is to be said of the others."""
    key = list(rules.key)
    shared = [name for name in first.columns if name in second.columns]
    both = (
        first[key]
        .assign(_a=range(len(first)))
        .merge(second[key].assign(_b=range(len(second))), on=key, how="outer", indicator=True)
    )  # (pandas joins a missing key with a missing one)
    notes = []
    for side, where in (("left_only", "first"), ("right_only", "second")):
        alone = both.loc[both["_merge"] == side, key]
        if len(alone):
            notes.append(f"{len(alone)} rows are only in the {where}, such as {said(_plain(alone.iloc[0].to_dict()))}")
    pairs = both[both["_merge"] == "both"]
    rows = (first.iloc[pairs["_a"].astype(int)], second.iloc[pairs["_b"].astype(int)])
    a, b = (frame[shared].reset_index(drop=True) for frame in rows)
    return a, b, notes


def _numeric(*columns: pd.Series) -> bool:
    import pandas as pd

    return all(pd.api.types.is_numeric_dtype(column) for column in columns)


def _floats(column: pd.Series) -> np.ndarray:
    return column.to_numpy(dtype=float, na_value=float("nan"))


def _same(a: pd.Series, b: pd.Series) -> np.ndarray:
    if _numeric(a, b):
        return tolerance.same(_floats(a), _floats(b))
    return ((a.astype(object) == b.astype(object)) | (a.isna() & b.isna())).to_numpy(bool)


def _agrees(a: pd.DataFrame, b: pd.DataFrame, name: str, chaotic: np.ndarray, rules: Rules) -> np.ndarray:
    """Return where a column agrees by the rule."""
    if not _numeric(a[name], b[name]):
        return _same_words(a[name], b[name], name, rules) | (chaotic & _free(a, b, name, rules))
    x, y = _floats(a[name]), _floats(b[name])
    near = tolerance.close(x, y, rules.units.get(name, "")) | tolerance.rounding(rules.name, name, x, y)
    if tolerance.is_end(name, list(a.columns)) or _free(a, b, name, rules):
        return near | chaotic
    inside = tolerance.within(a, b, name, rules.key)
    return near if inside is None else near | (chaotic & inside)


def _free(a: pd.DataFrame, b: pd.DataFrame, name: str, rules: Rules) -> bool:
    """Return whether nothing is asked of a column in a chaotic row."""
    if rules.strict or tolerance.is_end(name, list(a.columns)):
        return False
    return not _numeric(a[name], b[name]) or tolerance.within(a, b, name, rules.key) is None


def _same_words(a: pd.Series, b: pd.Series, name: str, rules: Rules) -> np.ndarray:
    if name not in tolerance.SPELT.get(rules.name, ()):
        return _same(a, b)
    return _same(*(column.map(tolerance.words, na_action="ignore") for column in (a, b)))


def _difference(a: pd.DataFrame, b: pd.DataFrame, name: str, wrong: np.ndarray, rules: Rules) -> Difference:
    import numpy as np

    at, largest = int(np.flatnonzero(wrong)[0]), None
    if _numeric(a[name], b[name]):
        with np.errstate(invalid="ignore"):
            size = np.abs(_floats(a[name]) - _floats(b[name]))
        size = np.where(np.isnan(size), np.inf, size)
        at = int(np.argmax(np.where(wrong, size, -1.0)))
        largest = float(size[at])
    key = _plain(a.loc[at, list(rules.key)].to_dict())
    x, y = (_plain({name: frame.loc[at, name]})[name] for frame in (a, b))
    return Difference(name, int(wrong.sum()), largest, key, x, y, rules.units.get(name, ""))


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row in Python's own types, missing values as None."""
    import pandas as pd

    return {
        name: None if pd.isna(value) else value.item() if hasattr(value, "item") else value
        for name, value in row.items()
    }


def said(key: Mapping[str, Any]) -> str:
    """Return a row's key in words."""
    return ", ".join(f"{name} {'missing' if value is None else value}" for name, value in key.items())
