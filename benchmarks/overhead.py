"""What the pipeline itself costs: the time of a run on its cores over the time that its jobs worked, imports left out.

    PYTHONPATH=src python benchmarks/overhead.py [RESULTS] [--cores 2]

RESULTS is the folder of a study that has run from nothing, in one go, without anything else on the machine; each of its
jobs has left an account there. Wall time is taken from the start of the first job to the end of the last.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from pathlib import Path

from whylstm.study.accounts import Account, read_accounts


def overhead(accounts: list[Account], cores: int) -> float:
    """Return wall time times cores over the seconds that jobs worked after their imports."""
    wall = max(account.ended for account in accounts) - min(account.ended - account.seconds for account in accounts)
    return wall * cores / sum(account.seconds - account.imports for account in accounts)


def main() -> None:
    """Read the accounts, and print what they add up to."""
    parser = argparse.ArgumentParser(description="Say what the pipeline of a finished run cost.")
    parser.add_argument("results", nargs="?", default="results", help="a results folder (default: results)")
    parser.add_argument("--cores", type=int, default=2, help="how many cores the run had (default: 2)")
    asked = parser.parse_args()
    accounts = list(read_accounts(Path(asked.results)).values())
    if not accounts:
        raise SystemExit(f"{asked.results} holds no accounts of jobs; run the study there first")
    groups: dict[str, list[Account]] = defaultdict(list)
    for account in accounts:
        groups[account.rule].append(account)
    print(f"{'rule':20}{'jobs':>6}{'seconds':>10}{'imports':>10}{'processor':>11}{'its imports':>13}")
    for rule, own in sorted(groups.items()):
        sums = [sum(getattr(account, name) for account in own) for name in ("seconds", "imports")]
        used = [sum(getattr(account, name) for account in own) for name in ("processor", "imports_processor")]
        print(f"{rule:20}{len(own):>6}{sums[0]:>10.1f}{sums[1]:>10.1f}{used[0]:>11.1f}{used[1]:>13.1f}")
    print(f"overhead on {asked.cores} cores: {overhead(accounts, asked.cores):.2f}")


if __name__ == "__main__":
    main()
