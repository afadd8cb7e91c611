"""The study's tables as the explorer reads them: compact whole numbers, by point, quantity and lag.

A number is stored as a multiple of its unit (``UNITS``), a missing one as null, an infinite one as "-inf" or "inf"; a
list of equal entries as the one entry. ``workflow/report/explorer/js/study.js`` turns them back.
"""

from __future__ import annotations

import math
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from whylstm import labels, records, wording
from whylstm.errors import StudyError

if TYPE_CHECKING:
    import pandas as pd

TABLES = ("points", "lag_profile", "hop_spectrum", "reach")
UNITS = {"log10": 0.001, "share": 0.0001, "rate": 0.00001}
"""What one counts: thousandths of a decade, hundredths of a percent, and 1e-5 nats per step."""

ENDS = ("median", "low", "high")
QUANTITIES = {"norm": "norm", "carry": "hop_0", "article": "article"}
"""The quantities of the page, by the name that the table lag_profile has for them."""

CELLS = labels.CELLS | {"linear": "linear RNN"}
"""Cells in words; in a menu "linear" alone would not say of what."""

WEIGHTS = {
    "gaussian": "Gaussian weights",
    "torch_default": "PyTorch's default weights",
    "keras_default": "Keras's default weights",
}
KIND = ("initialisation", "task", "length", "lags", "windows", "hops", "input_scale", "t_max", "options")
"""What two points of one kind share; cell, gain, forget bias and hidden size are for the reader to choose."""

SAID = {
    "length": "T = {}",
    "lags": "lags to {}",
    "windows": "{} windows",
    "hops": "hops to {}",
    "input_scale": "input scale {}",
    "t_max": "T_max = {}",
    "options": "{}",
}
"""How a kind's label says what sets it apart from another of the same weights and inputs."""

Kinds = dict[tuple[Any, ...], tuple[str, str]]
"""Name and label of every kind, by its fields."""


def study(folder: str | Path) -> dict[str, Any]:
    """Return what the page embeds, from a folder of tables.

    Raises:
        StudyError: if a table is missing or damaged, or holds no point.
    """
    tables = {name: records.read_table(Path(folder) / f"{name}.parquet", name) for name in TABLES}
    parts = {name: dict(iter(tables[name].groupby("point"))) for name in TABLES[1:]}
    points = tables["points"][
        tables["points"]["point"].map(lambda point: all(point in part for part in parts.values()))
    ]
    if points.empty:
        raise StudyError(f"the tables in {folder} hold no measured point, so there is nothing to explore")
    kinds = kinds_of(points)
    entries = [entry(row, kinds, {name: parts[name][row.point] for name in parts}) for row in points.itertuples()]
    entries.sort(key=lambda one: (order(one["cell"]), one["kind"], one["hidden"], one["gain"] or 0, one["bias"] or 0))
    lags = sorted({tuple(one["lags"]) for one in entries})
    return {
        "axes": axes(entries),
        "cells": {name: CELLS.get(name, name) for name in sorted({one["cell"] for one in entries}, key=order)},
        "kinds": [{"name": name, "label": label} for name, label in kinds.values()],
        "units": UNITS,
        "coverage": coverage(tables),
        "lags": [list(some) for some in lags],
        "points": [one | {"lags": lags.index(tuple(one["lags"]))} for one in entries],
    }


def order(cell: str) -> tuple[int, str]:
    """Return what to sort a cell by: the main ones first, the others by name."""
    return (list(CELLS).index(cell) if cell in CELLS else len(CELLS), cell)


def axes(entries: list[dict[str, Any]]) -> dict[str, list[float]]:
    """Return the values of the study by axis, in order."""
    values = {name: {one[name] for one in entries} - {None} for name in ("gain", "bias", "hidden")}
    values["lag"] = {lag for one in entries for lag in one["lags"]}
    return {name: sorted(found) for name, found in values.items()}


def coverage(tables: dict[str, pd.DataFrame]) -> dict[str, float]:
    """Return the coverage of an interval by the number of replicates behind it."""
    found = {(int(n), round(float(share), 4)) for name in TABLES[1:] for n, share in _pairs(tables[name])}
    return {str(n): share for n, share in sorted(found)}


def _pairs(table: pd.DataFrame) -> Any:
    return table[["n", "coverage"]].drop_duplicates().itertuples(index=False)


def kinds_of(points: pd.DataFrame) -> Kinds:
    """Return every kind of weights and inputs, those with most points first.

    A label says what sets a kind apart from the others with the same weights and inputs under the same cell, no more.
    """
    rows = [(row.cell, _kind(row)) for row in points.itertuples()]
    counts = Counter(kind for _, kind in rows)
    found = sorted(counts, key=lambda kind: (-counts[kind], str(kind)))
    users = {kind: {cell for cell, other in rows if other == kind} for kind in found}
    out = {}
    for number, kind in enumerate(found, 1):
        alike = [other for other in found if other[:2] == kind[:2] and users[other] & users[kind]]
        out[kind] = (f"{kind[0]}-{kind[1]}-{number}", label(kind, alike))
    return out


def label(kind: tuple[Any, ...], alike: list[tuple[Any, ...]]) -> str:
    """Return a kind in words, told apart from those that are alike."""
    weights = WEIGHTS.get(kind[0], f"{kind[0].replace('_', ' ')} weights")
    places = [place for place in range(2, len(KIND)) if len({other[place] for other in alike}) > 1]
    apart = [SAID[KIND[place]].format(_plain(kind[place])) for place in places if kind[place] not in (None, "")]
    return ", ".join([f"{weights}; {kind[1].replace('_', ' ')}", *apart])


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else wording.number(float(value))


def _kind(row: Any) -> tuple[Any, ...]:
    return tuple(_known(getattr(row, field)) for field in KIND)


def _known(value: Any) -> Any:
    return None if isinstance(value, float) and math.isnan(value) else value


def entry(row: Any, kinds: Kinds, parts: dict[str, pd.DataFrame]) -> dict[str, Any]:
    """Return one point with all that the page shows of it."""
    by_quantity = dict(iter(parts["lag_profile"].groupby("quantity")))
    spectrum = dict(iter(parts["hop_spectrum"].groupby("hop")))
    reach = next(parts["reach"].itertuples())
    shown = {name: by_quantity[column] for name, column in QUANTITIES.items() if column in by_quantity}
    return {
        "point": row.point,
        "cell": row.cell,
        "kind": kinds[_kind(row)][0],
        "gain": _known(row.gain),
        "bias": _known(row.forget_bias),
        "hidden": int(row.hidden),
        "hops": int(row.hops),
        "lags": by_quantity["norm"]["lag"].tolist(),
        "n": int(reach.n),
        "replicates": int(reach.replicates),
        "exponent": [stored(number, "rate") for number in (reach.exponent, reach.exponent_low, reach.exponent_high)],
        **{name: profile(rows) for name, rows in shown.items()},
        "ratio": profile(spectrum["0"]),
        "shares": shares(spectrum, int(row.hops)),
    }


def profile(rows: pd.DataFrame) -> dict[str, Any]:
    """Return a quantity over the lags: median, low and high of a log₁₀, and n."""
    columns = {name: together([stored(number, "log10") for number in rows[name]]) for name in ENDS}
    return columns | {"n": together(rows["n"].tolist())}


def shares(spectrum: dict[str, pd.DataFrame], hops: int) -> dict[str, Any]:
    """Return the shares of 0, 1, ... hops and of all that is more, by lag: median, low and high, and n."""
    names = [*(str(hop) for hop in range(hops + 1)), "rest"]
    columns = {"median": "share", "low": "share_low", "high": "share_high"}
    table = {
        end: [[stored(number, "share") for number in spectrum[name][column]] for name in names]
        for end, column in columns.items()
    }
    by_lag: dict[str, Any] = {
        end: [together(list(hop)) for hop in zip(*rows, strict=True)] for end, rows in table.items()
    }
    return by_lag | {"n": together(spectrum["0"]["n"].tolist())}


def stored(number: float, unit: str) -> int | str | None:
    """Return a number as a multiple of its unit.

    >>> stored(-1.2346, "log10"), stored(float("-inf"), "log10"), stored(float("nan"), "share")
    (-1235, '-inf', None)
    """
    if math.isnan(number):
        return None
    return round(number / UNITS[unit]) if math.isfinite(number) else str(number)


def together(values: list[Any]) -> Any:
    """Return a list, or the one value that all its entries have.

    >>> together([4, 4, 4]), together([1, 2])
    (4, [1, 2])
    """
    return values[0] if len(set(values)) == 1 else values
