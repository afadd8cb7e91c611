"""Small results folders, one regular and one chaotic point each, written anew and changed by tests."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pandas as pd

REGULAR, CHAOTIC = "tanh-h8-regular", "tanh-h8-chaotic"
SVG = '<svg width="10pt" id="p{id}"><path d="M 1.5 {x}"/><text>{words}</text></svg>'


def tables() -> dict[str, pd.DataFrame]:
    """Return the tables of a run; lag 3 of the profile is exactly zero, lag 4 is missing."""
    both = [REGULAR, CHAOTIC]
    networks = pd.DataFrame(
        [(point, replicate, value) for point, value in zip(both, (-0.1, 0.2), strict=True) for replicate in range(3)],
        columns=["point", "replicate", "exponent"],
    )
    norms = {1: -1.0, 2: -2.0, 3: -math.inf, 4: math.nan}
    rows = [(point, "norm", lag, norm, norm - 0.1, norm + 0.1) for point in both for lag, norm in norms.items()]
    profile = pd.DataFrame(rows, columns=["point", "quantity", "lag", "median", "low", "high"])
    return {
        "points": pd.DataFrame({"point": both, "cell": "tanh", "gain": [0.5, 8.0], "forget_bias": math.nan}),
        "networks": networks,
        "lag_profile": profile,
        "identities": pd.DataFrame(
            {"identity": ["sum"], "cell": ["tanh"], "replicate": [0], "log10_error": [-15.7], "log10_size": [1.0]}
        ),
        "mean_field": pd.DataFrame(
            {"cell": "tanh", "gain": [0.5, 8.0], "forget_bias": math.nan, "units": 256, "exponent": [-0.5, math.inf]}
        ),
    }


def values() -> dict[str, dict]:
    """Return the content of a values.json, one value with an interval and one without."""
    plain = {"meaning": "norm at lag 2", "n": 3, "span": "", "table": "lag_profile", "unit": "log10"}
    return {
        "s.norm": plain | {"value": -2.0, "low": -2.1, "high": -1.9, "text": "0.010"},
        "s.count": plain | {"value": 2.0, "low": None, "high": None, "text": "2"},
    }


def claims() -> list[dict]:
    """Return the content of a claims.json."""
    number = {"value": -15.7, "low": -16.0, "high": -15.4, "n": 3, "text": "2.0 × 10⁻¹⁶", "unit": "log10"}
    return [{"id": "C1", "verdict": "holds", "title": "Equal to 2.0 × 10⁻¹⁶", "numbers": {"error": number}}]


def write_run(
    folder: Path,
    changed: dict[str, pd.DataFrame] | None = None,
    *,
    x: float = 2.5,
    words: str = "norm",
    png: bytes = b"p",
) -> Path:
    """Write a run and return its folder; ``changed`` replaces tables, None in it leaves one out."""
    for name, frame in (tables() | (changed or {})).items():
        if frame is not None:
            (folder / "tables").mkdir(parents=True, exist_ok=True)
            frame.to_parquet(folder / "tables" / f"{name}.parquet")
    write_json(folder / "values.json", values())
    write_json(folder / "claims.json", claims())
    write_json(folder / "figures" / "fig02.json", {"tables": ["lag_profile"], "title": "Falls", "number": 2})
    (folder / "figures" / "fig02.svg").write_text(SVG.format(id=f"{abs(hash(x)):x}", x=x, words=words))
    (folder / "figures" / "fig02.png").write_bytes(png)
    return folder


def write_json(path: Path, content: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content))


def moved(table: str, column: str, where: dict, by: float) -> dict[str, pd.DataFrame]:
    """Return one table of a run with a number added to a column in the rows that match ``where``."""
    frame = tables()[table].copy()
    rows = pd.Series(True, index=frame.index)
    for name, value in where.items():
        rows &= frame[name] == value
    assert rows.any()
    frame.loc[rows, column] += by
    return {table: frame}
