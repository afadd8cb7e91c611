"""What is known of earlier runs on this machine: their accounts, beside their jobs as they were planned then."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from whylstm.errors import StudyError
from whylstm.records import read_json
from whylstm.study import config as study_config
from whylstm.study import plan as study_plan
from whylstm.study import training_cost
from whylstm.study.accounts import Account, read_accounts
from whylstm.study.wiring import TRAINED
from whylstm.study.workload import Job, workload


@dataclass(frozen=True)
class History:
    """Earlier runs of one tier.

    Attributes:
        folder: their results folder.
        jobs: the jobs that left an account, with it.
        trained: the share of their budget that the trained networks took; None if none were trained.
    """

    folder: Path
    jobs: list[tuple[Job, Account]]
    trained: float | None


def history(root: Path, tiers: list[str]) -> list[History]:
    """Return what earlier runs of some tiers left; one that has not run, or whose config is broken now, is left out."""
    found = (_of_tier(root, tier) for tier in tiers)
    return [item for item in found if item is not None and item.jobs]


def _of_tier(root: Path, tier: str) -> History | None:
    try:
        now = study_config.load(tier=tier, root=root)
        folder = study_config.results_folder(now)
        planned = study_plan.plan(_config_then(root / folder, now))
    except StudyError:
        return None
    accounts = read_accounts(root / folder)
    jobs = [(job, accounts[job.rule, job.name]) for job in workload(planned, root) if (job.rule, job.name) in accounts]
    return History(folder, jobs, trained_share(root / folder, planned))


def _config_then(results: Path, now: dict[str, Any]) -> dict[str, Any]:
    """Return the config of a finished run, from its provenance; the present one where there is none."""
    try:
        then = read_json(results / "provenance.json")["config"]
        return dict(then)
    except (StudyError, KeyError, TypeError, ValueError):
        return now


def trained_share(results: Path, planned: study_plan.Plan) -> float | None:
    """Return how much of their budget the networks of a run took, weighted by the work of an update; None if none."""
    path = results / "tables" / f"{TRAINED[1]}.parquet"
    if not planned.networks or not path.is_file():
        return None
    from whylstm.records import read_table

    try:
        runs = read_table(path, TRAINED[1], ["trial", "update"])
        made = runs.groupby("trial")["update"].sum()
    except (StudyError, ValueError, KeyError):
        return None
    weights = {trial.id: training_cost.update_seconds(trial) for trial in planned.networks}
    whole = sum(weights[trial.id] * trial.budget * count for trial, count in planned.networks.items())
    return float(sum(weights[trial] * updates for trial, updates in made.items() if trial in weights) / whole)
