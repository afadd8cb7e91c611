"""Write what small jobs cost, from the accounts of two finished runs: ``workflow/schemas/costs.yaml``.

    PYTHONPATH=src python benchmarks/reference_costs.py [ROOT]

ROOT is a checkout in which the small study and the default one have run from nothing, on an idle machine.
"""

from __future__ import annotations

import sys
from pathlib import Path
from statistics import median
from typing import Any

import yaml

from whylstm.study import config, plan
from whylstm.study.accounts import Account, read_accounts
from whylstm.study.reference import PATH
from whylstm.study.workload import CHUNKS, Job, workload

Found = dict[tuple[str, str], tuple[Job, Account]]

HEADER = """# What jobs cost on the reference machine, by benchmarks/reference_costs.py: processor seconds before
# their work begins (start), and of the work (seconds) at two sizes; MiB of memory. See src/whylstm/study/reference.py.
"""


def ran(root: Path, tier: str) -> Found:
    """Return the jobs of a tier that left an account, with it."""
    planned = plan.plan(config.load(tier=tier, root=root))
    accounts = read_accounts(root / planned.folder)
    found = {(job.rule, job.name): job for job in workload(planned, root)}
    return {key: (job, accounts[key]) for key, job in found.items() if key in accounts}


def entry(small: tuple[Job, Account], large: tuple[Job, Account]) -> dict[str, Any]:
    """Return one job at both sizes."""
    both = (small, large)
    return {
        "start": round(min(account.imports_processor for _, account in both), 2),
        "memory": round(max(account.memory_mib for _, account in both)),
        "sizes": [float(job.size) for job, _ in both],
        "seconds": [round(account.work, 2) for _, account in both],
    }


def costs(smoke: Found, default: Found) -> dict[str, dict[str, Any]]:
    """Return all entries; a rule of chunks has one, which states how its jobs start."""
    found: dict[str, dict[str, Any]] = {}
    for key in sorted(smoke.keys() & default.keys()):
        if key[0] not in CHUNKS:
            found.setdefault(key[0], {})[key[1]] = entry(smoke[key], default[key])
    for rule in CHUNKS:
        if own := [account for (name, _), (_, account) in {**smoke, **default}.items() if name == rule]:
            found[rule] = {"": {"start": round(median(account.imports_processor for account in own), 2)}}
    return found


def main() -> None:
    """Read, write, and say how much was found."""
    root = Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve()
    found = costs(ran(root, "smoke"), ran(root, "default"))
    PATH.write_text(HEADER + yaml.safe_dump(found, sort_keys=True, default_flow_style=None, width=120))
    print(f"{PATH}: {sum(len(entries) for entries in found.values())} jobs of {len(found)} rules")


if __name__ == "__main__":
    main()
