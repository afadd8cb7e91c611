"""What was measured: how many settings, networks, lags and sizes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from whylstm import wording
from whylstm.article.numbers import _pick
from whylstm.article.values import Numbers, Value

if TYPE_CHECKING:
    import pandas as pd

TASKS = {"noise": "Gaussian noise", "zeros": "nothing at all", "digits": "handwritten digits read pixel by pixel"}


def make(tables: Mapping[str, pd.DataFrame], claims: Mapping[str, dict[str, Any]]) -> dict[str, Value]:
    """Return the study's size."""
    points, reach = tables["points"], tables["reach"]
    sizes = [wording.count(hidden) for hidden in sorted(points["hidden"].unique())]
    tasks = [TASKS.get(task, f"the inputs of the task {task}") for task in sorted(points["task"].unique())]
    return {
        "study.points": _pick.tally(
            len(points), "settings of cell, initialisation, gain, bias, size and input", "points"
        ),
        "study.replicates": _pick.tally(
            int(reach["replicates"].max()), "largest number of independent networks in one setting", "reach"
        ),
        "study.lags": _pick.setting(points["lags"].max(), "largest lag that is measured, in steps"),
        "study.length": _pick.setting(points["length"].max(), "length of the longest sequence, in steps"),
        "study.hidden": _pick.words(wording.listed(sizes), "numbers of hidden units", "points"),
        "study.tasks": _pick.words(wording.listed(tasks), "inputs that drive the networks", "points"),
    }


NUMBERS = Numbers(("points", "reach"), make)
