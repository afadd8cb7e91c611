"""The simulation stage: measure the exact gradients of a design point, and keep them, point by point.

:func:`measure` is the science: one replicate of one point. :func:`fill` is the store: it reads what is there, measures
what is missing and writes the point's records whole, so that a killed run goes on where it stopped, and one more
replicate costs one replicate. :func:`run_chunk` does a job's worth of points and states in a manifest what it holds.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch

from whylstm import cells, initialisations, records, sources, streams
from whylstm.errors import StudyError
from whylstm.gradients.article import ARTICLE
from whylstm.gradients.factors import Factors, factors
from whylstm.gradients.growth import growth
from whylstm.gradients.lag_profile import columns_of, lag_profile
from whylstm.gradients.trajectory import Trajectory, Weights, run
from whylstm.study.design import READ_BY_INITIALISATIONS, Point

TABLES = ("profiles", "models")


def measure(
    point: Point, seed: int, replicate: int, inputs: np.ndarray, device: str = "cpu"
) -> dict[str, pd.DataFrame]:
    """Measure one replicate of a design point.

    Args:
        point: the design point.
        seed: the study's seed.
        replicate: number of the replicate; it fixes the unit weights.
        inputs: its input sequence, (T, D) float64.
        device: where torch computes.

    Returns:
        The rows of the tables ``profiles`` (one per window and lag, log₁₀) and ``models`` (one row).
    """
    return described(point, replicate, inputs, *network(point, seed, replicate, inputs, device))


def network(
    point: Point, seed: int, replicate: int, inputs: np.ndarray, device: str = "cpu"
) -> tuple[Weights, Trajectory]:
    """Draw the weights of one replicate and run it over its inputs; arguments as :func:`measure`."""
    weights = draw_weights(point, seed, replicate, inputs.shape[1], device)
    return weights, run(cells.load(point.cell), weights, torch.from_numpy(inputs)[None, None].to(device))


def described(
    point: Point, replicate: int, inputs: np.ndarray, weights: Weights, trajectory: Trajectory
) -> dict[str, pd.DataFrame]:
    """Return what :func:`measure` does, of a network that was run."""
    finite = finite_steps(trajectory.states.values())
    step_factors = factors(cells.load(point.cell), weights, trajectory)
    ends = [end for end in point.ends if end <= finite]
    model = {"point": point.id, "replicate": replicate, "inputs": fingerprint(inputs), "finite_steps": finite}
    model |= _summary(weights, step_factors, finite)
    return {
        "profiles": _profile_rows(point, replicate, step_factors, ends),
        "models": pd.DataFrame([model]),
    }


def draw_weights(point: Point, seed: int, replicate: int, features: int, device: str = "cpu") -> Weights:
    """Return the weights of one replicate as float64 tensors with a leading model axis of one."""
    fields = {name: getattr(point, name) for name in READ_BY_INITIALISATIONS}
    drawn = initialisations.weights(
        point.initialisation,
        cells.load(point.cell),
        hidden=point.hidden,
        features=features,
        seed=seed,
        replicate=replicate,
        **fields,
        **dict(point.options),
    )
    return {name: torch.from_numpy(np.asarray(value))[None].to(device) for name, value in drawn.items()}


def finite_steps(states: Iterable[torch.Tensor]) -> int:
    """Return how many steps were made before a state stopped being finite: T if none did."""
    finite = torch.stack([torch.isfinite(state).flatten(1).all(1) for state in states]).all(0)[1:]
    return int(finite.long().cumprod(0).sum())


def fingerprint(inputs: np.ndarray) -> str:
    """Return 16 hexadecimal digits of the SHA-256 of an input sequence: the record states what it was measured on."""
    return hashlib.sha256(np.ascontiguousarray(inputs, dtype="<f8").tobytes()).hexdigest()[:16]


def record_key(point: Point, seed: int) -> str:
    """Return the content key of a point's records: the point, the seed, and the code that measures it."""
    code = sources.digest(
        "whylstm.study.simulate",
        f"whylstm.cells.{point.cell}",
        f"whylstm.initialisations.{point.initialisation}",
        without=("whylstm.study.design",),
    )
    return streams.digest({**point.content, "seed": seed, "code": code, "layout": records.layout(*TABLES)})


def fill(
    point: Point, seed: int, inputs: np.ndarray, folder: Path, replicates: int, device: str = "cpu"
) -> tuple[dict[str, Path], int]:
    """Measure what a point's records lack, write them, and return their files by table, and how much was measured.

    Args:
        point: the design point.
        seed: the study's seed.
        inputs: input sequences of all replicates, (R, T, D) with R at least ``replicates``.
        folder: the folder of the records; each table has a folder of its own below it.
        replicates: how many replicates the records must hold. Replicates beyond them are kept.
        device: where torch computes.
    """
    files = {table: folder / table / f"{point.id}.parquet" for table in TABLES}
    seal, key = folder / "seals" / f"{point.id}.json", record_key(point, seed)
    kept = _kept(files, seal, key, inputs)
    missing = [replicate for replicate in range(replicates) if replicate not in set(kept["models"]["replicate"])]
    if not missing:
        return files, 0
    fresh = [measure(point, seed, replicate, inputs[replicate], device) for replicate in missing]
    for table, path in files.items():
        frame = pd.concat([kept[table], *(measured[table] for measured in fresh)], ignore_index=True)
        order = [name for name in ("replicate", "window", "lag") if name in frame]
        records.write_table(path, frame.sort_values(order), table, key)
    records.write_json(seal, {"key": key, "sha256": {table: records.sha256(path) for table, path in files.items()}})
    return files, len(missing)


def run_chunk(
    points: list[Point],
    seed: int,
    inputs: np.ndarray,
    folder: Path,
    replicates: int,
    *,
    device: str = "cpu",
    progress: Callable[[int, int, int], None] = lambda done, total, measured: None,
) -> dict[str, Any]:
    """Fill the records of all points of a chunk and return its manifest: what each record holds, and its hash.

    Arguments as :func:`fill`; ``progress`` is called with the number of points done and to do, and of
    the replicates that had to be measured so far.
    """
    if len(inputs) < replicates:
        raise StudyError(f"simulation.replicates: {replicates} asked for, but the data hold {len(inputs)} sequences")
    entries, measured = [], 0
    for done, point in enumerate(points, start=1):
        files, new = fill(point, seed, inputs, folder, replicates, device)
        measured += new
        held = {
            table: {"file": f"{table}/{path.name}", "sha256": records.sha256(path)} for table, path in files.items()
        }
        entries.append({"point": point.id, "replicates": replicates, "records": held})
        progress(done, len(points), measured)
    return {"points": entries}


def _kept(files: dict[str, Path], seal: Path, key: str, inputs: np.ndarray) -> dict[str, pd.DataFrame]:
    """Return what the records already hold and can be trusted: sealed with this key, unchanged, from these inputs."""
    nothing = {table: pd.DataFrame({"replicate": pd.Series(dtype="int64")}) for table in files}
    try:
        found = {table: records.sha256(path) for table, path in files.items()}
        if records.read_json(seal) != {"key": key, "sha256": found}:
            return nothing
    except StudyError:  # no record yet, or one that cannot be read
        return nothing
    held = {table: records.read_table(path, table) for table, path in files.items()}
    pairs = zip(held["models"]["replicate"], held["models"]["inputs"], strict=True)
    same = [replicate for replicate, expected in pairs if _is_input(inputs, replicate, expected)]
    return {table: frame[frame["replicate"].isin(same)] for table, frame in held.items()}


def _is_input(inputs: np.ndarray, replicate: int, expected: str) -> bool:
    """Return whether a replicate was measured on these inputs; one beyond them is kept as it is."""
    return replicate >= len(inputs) or fingerprint(inputs[replicate]) == expected


def _profile_rows(point: Point, replicate: int, step_factors: Factors, ends: list[int]) -> pd.DataFrame:
    """Return the rows of ``profiles``; windows that met a state that is not finite are left out."""
    lags, windows = np.meshgrid(np.arange(1, point.lags + 1), np.arange(len(ends)), indexing="ij")
    columns = dict.fromkeys((*columns_of(step_factors.parts, point.hops), *ARTICLE), np.full(lags.size, np.nan))
    if ends:
        measured = lag_profile(step_factors, ends, point.lags, point.hops)
        columns |= {name: value[:, 0].reshape(-1).cpu().numpy() for name, value in measured.items()}
    return pd.DataFrame(
        {
            "point": point.id,
            "replicate": replicate,
            "window": windows.ravel(),
            "end": np.array(ends, dtype=np.int64)[windows.ravel()],
            "lag": lags.ravel(),
            **columns,
        }
    )


def _summary(weights: Weights, step_factors: Factors, finite: int) -> dict[str, float]:
    """Return the columns of ``models`` that describe the whole run; growth is missing where states were not finite."""
    matrices = weights["U"][0]
    norm = float(torch.linalg.matrix_norm(matrices, 2).max()) if len(matrices) else 0.0
    if finite < step_factors.steps:
        rates = dict.fromkeys(("carry_mean", "growth_incoherent", "growth_coherent", "growth_mean"), float("nan"))
    else:
        rates = {name: float(value[0]) for name, value in growth(step_factors).items()}
    bare = not step_factors.carry and norm > 0
    return {"spectral_norm": norm, "norm_bound": float(np.log10(norm)) if bare else float("nan"), **rates}
