"""Small records whose statistics are known in closed form."""

from __future__ import annotations

import itertools
import math
from pathlib import Path

import numpy as np
import pandas as pd

from whylstm import records

CARRY, HOP = 0.9, 0.3


def grid(replicates: int = 3, windows: int = 2, lags: int = 40) -> pd.DataFrame:
    """Return the key columns of a profile: every replicate, window and lag."""
    rows = itertools.product(range(replicates), range(windows), range(1, lags + 1))
    return pd.DataFrame(list(rows), columns=["replicate", "window", "lag"])


def binomial(replicates: int = 3, windows: int = 2, lags: int = 40, spread: float = 0.01) -> pd.DataFrame:
    """Return a profile of one unit with constant carry f and hop gain a: ‖G^(r)‖ = C(k, r) f^(k-r) a^r, ‖G‖ = (f+a)^k.

    Replicate i has its f multiplied by exp(spread * i); windows are equal.
    """
    rows = grid(replicates, windows, lags)
    rate = spread * rows["replicate"].to_numpy() / np.log(10)
    lag = rows["lag"].to_numpy()
    total = lag * (np.log10(CARRY + HOP) + rate)
    paths = {f"hop_{r}": [_paths(k, r) for k in lag] + lag * rate for r in range(9)}
    with np.errstate(divide="ignore"):
        rest = np.log10([sum(10 ** _paths(k, r) for r in range(9, k + 1)) for k in lag]) + lag * rate
    columns = {"norm": total, "h_to_h": total - 1, "c_to_c": total - 2, **paths, "hop_rest": rest}
    columns |= {"carry_c_to_c": paths["hop_0"], "carry_h_to_h": np.full(len(rows), -np.inf)}
    columns |= {"article": total - 3, "article_defect": total - 1.5, "detour": -0.2 * lag, "carousel": -0.1 * lag}
    return rows.assign(point="p", end=40, **columns, detour_gap=-0.1 * lag + 0.001)


def _paths(k: int, r: int) -> float:
    if r > k:
        return -math.inf
    return math.log10(math.comb(k, r)) + (k - r) * math.log10(CARRY) + r * math.log10(HOP)


def models(replicates: int = 3, **columns: float) -> pd.DataFrame:
    """Return the models that go with a profile; columns replace the defaults."""
    defaults = {
        "inputs": "0" * 16,
        "finite_steps": 60,
        "spectral_norm": 2.0,
        "norm_bound": np.nan,
        "carry_mean": CARRY,
        "growth_incoherent": 0.5 * math.log(CARRY**2 + HOP**2),
        "growth_coherent": math.log(CARRY + HOP),
        "growth_mean": math.log(CARRY + HOP),
    }
    return pd.DataFrame({"point": "p", "replicate": range(replicates), **(defaults | columns)})


def store(root: Path, points: dict[str, dict[str, pd.DataFrame]], replicates: int, chunk: str = "chunk") -> Path:
    """Write records and the manifest of one chunk as the simulation does, and return the manifest."""
    entries = []
    for point, frames in points.items():
        held = {}
        for table, frame in frames.items():
            path = root / "records" / table / f"{point}.parquet"
            records.write_table(path, frame.assign(point=point), table)
            held[table] = {"file": f"{table}/{point}.parquet", "sha256": records.sha256(path)}
        entries.append({"point": point, "replicates": replicates, "records": held})
    manifest = root / "manifests" / "simulate" / f"{chunk}.json"
    records.write_json(manifest, {"points": entries})
    return manifest
