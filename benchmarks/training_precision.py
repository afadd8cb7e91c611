"""Who learns in float32 and in float64: arms of the experiment `cells` at length 50, ten paired networks each.

    python benchmarks/training_precision.py

Takes about three minutes of one core, and prints the table of docs/numerics.md.
"""

from __future__ import annotations

import dataclasses
from pathlib import Path
from tempfile import TemporaryDirectory

from whylstm.records import read_table
from whylstm.study.config import load
from whylstm.study.train import run_chunk
from whylstm.study.trials import Trial, trials

ARMS = ("tanh", "orthogonal", "lstm_b0", "lstm_b1")
LENGTH, NETWORKS = 50, 10


def solved(trial: Trial, seed: int) -> set[int]:
    """Return the replicates that are solved within the budget."""
    with TemporaryDirectory() as folder:
        run_chunk({trial: NETWORKS}, seed, Path(folder))
        runs = read_table(Path(folder) / "runs" / f"{trial.id}.parquet", "runs")
    return set(runs.loc[runs["end"] == "solved", "replicate"])


def main() -> None:
    """Print one row per arm."""
    config = load()
    found = trials(config["training"])
    print("| arm | float32 | float64 | both |\n| --- | --- | --- | --- |")
    for arm in ARMS:
        trial = next(trial for trial in found["cells", arm] if trial.longest == LENGTH)
        single, double = (
            solved(dataclasses.replace(trial, precision=precision), config["seed"])
            for precision in ("float32", "float64")
        )
        print(f"| {arm} | {len(single)} | {len(double)} | {len(single & double)} |", flush=True)


if __name__ == "__main__":
    main()
