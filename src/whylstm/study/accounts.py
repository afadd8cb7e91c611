"""What earlier jobs spent: the accounts that they leave beside Snakemake's benchmarks, ``<results>/benchmarks``.

They are measurements, never results: one that cannot be read is passed over.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from whylstm.errors import StudyError
from whylstm.records import read_json


@dataclass(frozen=True)
class Account:
    """What one job spent.

    Attributes:
        rule: the name of its rule.
        name: the values of its wildcards in the order of their names, separated by spaces.
        ended: when it ended, in seconds of the clock.
        seconds: from the start of its process to its end.
        imports: seconds of them before its work began.
        processor: processor seconds, those of the processes that it started as well.
        imports_processor: processor seconds before its work began.
        memory_mib: the most memory that it held, in MiB.
        share: how much of its estimated work it had to do.
    """

    rule: str
    name: str
    ended: float
    seconds: float
    imports: float
    processor: float
    imports_processor: float
    memory_mib: float
    share: float

    @property
    def work(self) -> float:
        """Processor seconds after the imports."""
        return max(0.0, self.processor - self.imports_processor)


def read_accounts(results: Path) -> dict[tuple[str, str], Account]:
    """Return the accounts of a results folder, by rule and name; none if nothing has run there."""
    found = (_read(path) for path in sorted((results / "benchmarks").rglob("*.json")))
    return {(account.rule, account.name): account for account in found if account is not None}


def _read(path: Path) -> Account | None:
    try:
        data = read_json(path)
        numbers = {name: _number(data[name]) for name in Account.__annotations__ if name not in ("rule", "name")}
        name = " ".join(str(value) for _, value in sorted(data["wildcards"].items()))
        return Account(rule=str(data["rule"]), name=name, **numbers)
    except (StudyError, KeyError, TypeError, AttributeError, ValueError):
        return None


def _number(value: Any) -> float:
    """Return a number that is finite and not negative.

    Raises:
        ValueError: if it is another one.
    """
    number = float(value)
    if not math.isfinite(number) or number < 0:
        raise ValueError
    return number
