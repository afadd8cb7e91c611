"""The share of an arm's runs that are solved by an update: the Kaplan-Meier estimate with its pointwise interval."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from whylstm.statistics import _frames, _survival
from whylstm.statistics._training import SETTING, SOLVED, endings, named
from whylstm.statistics.base import Statistic

if TYPE_CHECKING:
    import pandas as pd

    from whylstm.statistics.base import Frames


@dataclass(frozen=True)
class Solving(Statistic):
    """One row per experiment, arm, trial and update at which a run was solved; a trial without one has no rows."""

    tables: ClassVar[tuple[str, ...]] = ("trials", "runs", "examinations")

    def of_tables(self, tables: Frames) -> pd.DataFrame:
        """Return the curves."""
        budgets = tables["trials"].drop_duplicates("trial").set_index("trial")["budget"]
        parts = []
        for key, runs in named({**tables, "runs": endings(tables)}, "runs").groupby(SETTING, sort=True):
            solved = (runs["end"] == SOLVED).to_numpy()
            found = _survival.curve(runs["update"].to_numpy(dtype=np.float64), solved, int(budgets[key[2]]))
            if len(found.update):
                where = dict(zip(SETTING, key, strict=True)) | {"n": len(runs)}
                parts.append({**where, **dataclasses.asdict(found)})
        return _frames.stacked(parts)


STATISTIC = Solving()
