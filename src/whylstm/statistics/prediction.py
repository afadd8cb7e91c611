"""Does the gradient before the first update tell which runs will learn, and how soon?

Rank correlations of what was measured at initialisation with what came of the run, at equal length, asked three times:

    all         of all runs: do arms and seeds together tell?
    between     of arms, each by its median: does the statistic tell which arms learn?
    within      of the runs of one arm: does it tell which seeds learn, all settings being equal?

The second can hold without the third: arms differ in many ways, and what differs with success need not cause it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pandas as pd

from whylstm.statistics._stratified import associate
from whylstm.statistics._training import LIKE, SETTING, SOLVED, named
from whylstm.statistics.base import Statistic
from whylstm.streams import stream

if TYPE_CHECKING:
    from whylstm.statistics.base import Frames

PREDICTORS = ["reach", "norm", "kept", "exponent", "edge", "carry_share", "gate", "memory", "cosine"]
OUTCOMES = ["solved", "sooner"]
UNITS = {"all": "arm", "between": "arm", "within": "replicate"}
"""What is resampled for the interval of each scope: what is thought to be independent there."""
EVERY = "all"
FEWEST_ARMS = 3
"""Arms of one cell below which the cell is not looked at by itself."""
SEED = 2018


@dataclass(frozen=True)
class Prediction(Statistic):
    """One row per experiment, cell (or all of them), scope, predictor and outcome for which there is an answer."""

    tables: ClassVar[tuple[str, ...]] = ("trials", "run_states")

    def of_tables(self, tables: Frames) -> pd.DataFrame:
        """Return the correlations with their intervals."""
        return pd.DataFrame(list(_rows(starts(tables))))


def starts(tables: Frames) -> pd.DataFrame:
    """Return every run with its predictors and outcomes, larger ones being better throughout.

    ``edge`` is minus the distance of λ₁ from zero, ``kept`` minus that of the log norm: neither vanished nor exploded.
    ``sooner`` is minus the updates until it was solved, the same for all that were not.
    """
    fields = tables["trials"][[*SETTING, *LIKE, "cell"]]
    states = named(tables, "run_states").query("stage == 'start'").merge(fields, on=SETTING)
    solved = states["end"] == SOLVED
    states = states.assign(edge=-states["exponent"].abs(), kept=-states["norm"].abs())
    states = states.assign(solved=solved.astype(float), sooner=-states["update"].where(solved, np.inf).astype(float))
    return states.assign(length=states.groupby(["experiment", *LIKE], sort=True).ngroup())


def _rows(states: pd.DataFrame) -> Iterator[dict[str, Any]]:
    for experiment, own in states.groupby("experiment", sort=True):
        counts = own.groupby("cell")["arm"].nunique()
        for cell in [EVERY, *counts.index[counts >= FEWEST_ARMS]]:
            chosen = own if cell == EVERY else own[own["cell"] == cell]
            for scope, unit in UNITS.items():
                for row in _scope(scoped(chosen, scope), unit, experiment=experiment, cell=cell, scope=scope):
                    yield {"experiment": experiment, "cell": cell, "scope": scope, **row}


def scoped(states: pd.DataFrame, scope: str) -> pd.DataFrame:
    """Return what is ranked, with a column ``stratum`` within which it is."""
    if scope == "within":
        return states.assign(stratum=states.groupby(["arm", "length"], sort=True).ngroup())
    if scope == "between":
        # the smaller of two middle values, so that no infinity is averaged; rates are means
        medians = states.groupby(["arm", "length"])[[*PREDICTORS, "sooner"]].quantile(0.5, interpolation="lower")
        rates = states.groupby(["arm", "length"])["solved"].mean()
        states = medians.assign(solved=rates).reset_index()
    return states.assign(stratum=states["length"])


def _scope(rows: pd.DataFrame, unit: str, **key: str) -> Iterator[dict[str, Any]]:
    stratum, units = rows["stratum"].to_numpy(), pd.factorize(rows[unit], sort=True)[0]
    for predictor in PREDICTORS:
        for outcome in OUTCOMES:
            x, y = (rows[name].to_numpy(dtype=np.float64) for name in (predictor, outcome))
            rng = stream(SEED, "resample", **key, predictor=predictor, outcome=outcome)
            found = associate(x, y, stratum, units, rng)
            if found.n:
                yield {"predictor": predictor, "outcome": outcome, **asdict(found), "resampled": unit}


STATISTIC = Prediction()
