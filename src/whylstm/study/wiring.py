"""What a study consists of and who reads what: its tables, statistics, claims, figures, numbers and notebooks.

One list, asked by the workflow and by the plan. A part that reads a table which this study does not have is left out,
then what reads that part, and so on; each is named with the reason.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from whylstm import sources, wording
from whylstm.study.plan import Plan

Parts = dict[str, dict[str, Any]]
"""What the parts of a family declare, by name."""

TRAINED = ("trials", "runs", "learning", "examinations", "probes", "probe_lags", "extrapolation")
"""Tables that a study without training lacks."""

NO_TRAINING = "the config has no training"


@dataclass(frozen=True)
class Wiring:
    """The parts of one study.

    Attributes:
        experiments, statistics, claims, figures, numbers: what the parts of these families declare, by name.
        tables: the names of all tables.
        notebooks: the names of the notebooks.
        left_out: why a part is not in this study, by what it is called, such as ``notebook 04_training``.
    """

    experiments: Parts
    statistics: Parts
    claims: Parts
    figures: Parts
    numbers: Parts
    tables: tuple[str, ...]
    notebooks: tuple[str, ...]
    left_out: dict[str, str]

    def told(self) -> list[str]:
        """Return one line for each reason, with everything that is left out for it."""
        reasons: dict[str, list[str]] = {}
        for name, why in self.left_out.items():
            reasons.setdefault(why, []).append(name)
        return [f"left out, since {why}: {wording.listed(names)}" for why, names in reasons.items()]


def wiring(planned: Plan, root: Path) -> Wiring:
    """Return the parts of a study.

    Args:
        planned: its plan.
        root: its folder, with ``notebooks``.
    """
    absent = {} if planned.training else dict.fromkeys(TRAINED, NO_TRAINING)
    left_out: dict[str, str] = {}

    def standing(kind: str, family: str, attribute: str, reads: Callable[[Any], Iterable[str]]) -> Parts:
        found = sources.parts(family, attribute)
        lost = lacking(found, absent, reads)
        if kind == "statistic":
            absent.update(lost)
        else:
            left_out.update({f"{kind} {name}": why for name, why in lost.items()})
        return {name: facts for name, facts in found.items() if name not in lost}

    statistics = standing("statistic", "whylstm.statistics", "STATISTIC", lambda facts: facts.get("tables", ()))
    experiments = sources.parts("whylstm.laboratory", "EXPERIMENT")
    claims = standing("claim", "whylstm.claims", "CLAIM", lambda facts: facts["tables"])
    needs = lambda facts: set(facts["tables"]) - set(facts.get("optional", ()))  # noqa: E731
    figures = standing("figure", "whylstm.figures", "FIGURE", needs)
    numbers = standing("section", "whylstm.article.numbers", "NUMBERS", lambda facts: facts["arguments"][0])
    notebooks = sorted(path.stem for path in (root / "notebooks").glob("[0-9a-z]*.py"))
    kept = [name for name in notebooks if planned.training or not name.endswith("_training")]
    left_out |= {f"notebook {name}": NO_TRAINING for name in notebooks if name not in kept}
    tables = ("points", "tasks", *experiments, *statistics, *(TRAINED if planned.training else ()))
    return Wiring(experiments, statistics, claims, figures, numbers, tables, tuple(kept), left_out)


def lacking(
    parts: Mapping[str, Any], absent: Mapping[str, str], reads: Callable[[Any], Iterable[str]]
) -> dict[str, str]:
    """Return the parts that read an absent table, directly or by way of a part of the same family, with the reason.

    A name that is no table at all is not absent: what reads it stays, and the workflow says that nothing makes it.

    Args:
        parts: what each part declares.
        absent: why a table that other studies have is not in this one.
        reads: the names of the tables that a part reads, from what it declares.
    """
    found: dict[str, str] = {}
    known = dict(absent)
    while lost := {
        name: next(known[table] for table in sorted(reads(facts)) if table in known)
        for name, facts in parts.items()
        if name not in found and set(known) & set(reads(facts))
    }:
        found |= lost
        known |= lost
    return found
