"""Fit the rates of ``whylstm.study.training_cost`` to a finished run: the work of its training chunks.

    PYTHONPATH=src python benchmarks/training_cost.py [ROOT] [TIER]

ROOT is a checkout in which the study has run from nothing. What each chunk spent is set against the updates that its
networks made. The rates are the non-negative least squares of relative errors. Printed are the rates, to be copied
into the module by hand, and how far each chunk is off.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from pathlib import Path

import numpy as np
from scipy.optimize import nnls

from whylstm import readers, tasks
from whylstm.records import read_table
from whylstm.study import config, plan, training_cost
from whylstm.study.accounts import read_accounts
from whylstm.study.trials import Trial

NAMES = ("1 / OPERATIONS_PER_SECOND", "compiled", "attention", "SECONDS_PER_LOOK", "SECONDS_PER_UPDATE", "probes")


def terms(trial: Trial, updates: float, networks: int) -> np.ndarray:
    """Return how often a trial pays each rate, in the order of :data:`NAMES`; probes as the module prices them."""
    cell, task = readers.load(trial.cell), tasks.load(trial.task)
    places = updates * training_cost.read(trial) * task.steps(trial.longest) * training_cost.padded(trial.hidden)
    per_place = 6 * (len(cell.recurrent_gates) * trial.hidden + len(cell.gates) * (task.features + 1))
    elements = places * len({*cell.gates, *cell.recurrent_gates})
    looks = trial.cell == "attention"
    probed = training_cost.probes(trial) * networks * training_cost.probe_seconds(trial)
    return np.array([places * per_place, elements * (not looks), elements * looks, updates * looks, updates, probed])


def measured(root: Path, tier: str | None) -> tuple[list[str], np.ndarray, np.ndarray]:
    """Return the chunks, what they pay (chunk, rate), and the seconds of their work."""
    planned = plan.plan(config.load(tier=tier, root=root))
    runs = read_table(root / planned.folder / "tables" / "runs.parquet", "runs", ["trial", "update"])
    updates = runs.groupby("trial")["update"].sum()
    accounts, found = read_accounts(root / planned.folder), defaultdict(lambda: np.zeros(len(NAMES)))
    for chunk in planned.training:
        for trial, networks in chunk.trials:
            found[chunk.name] = found[chunk.name] + terms(trial, float(updates[trial.id]), networks)
    spent = [accounts["train_chunk", name].work for name in found]
    return list(found), np.array(list(found.values())), np.array(spent)


def main(root: str = ".", tier: str | None = None) -> None:
    """Fit and print."""
    names, paid, spent = measured(Path(root), tier)
    rates, _ = nnls(paid / spent[:, None], np.ones(len(spent)))
    for name, rate in zip(NAMES, rates, strict=True):
        print(f"{name:30s} {rate:.3g}")
    for name, ratio in sorted(zip(names, paid @ rates / spent, strict=True), key=lambda pair: pair[1]):
        print(f"{ratio:5.2f}  {name}")


if __name__ == "__main__":
    main(*sys.argv[1:])
