"""Which rows of a table are chaotic, by the measured λ₁ of their networks in both runs.

Of a design point all replicates are asked (table ``networks``): it is regular only if none of them has λ₁ > 0, in
either run. A row without a point is asked by what it has of cell, gain and forget bias, from the table ``exponents``
and from the points that share them. Where no λ₁ is known, the row counts as chaotic: a regular one must be known to be
it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    import pandas as pd

FIXED = {
    "points", "tasks", "claims", "identities", "counterexamples", "bifurcation", "cliff", "error_surface",
    "curse_of_memory", "mean_field",
}  # fmt: skip
"""Tables in which nothing is iterated along a trajectory that could be chaotic: they are regular in every row."""

SETTING = ("cell", "gain", "forget_bias")


class Regimes:
    """λ₁ by point and by setting, from the tables of both runs."""

    def __init__(self, *runs: Mapping[str, pd.DataFrame]) -> None:
        """Take the tables ``networks``, ``points`` and ``exponents`` from each run, as far as it has them."""
        self.points = _worst([_by_point(run) for run in runs], ["point"])
        self.settings = _worst([frame for run in runs for frame in _by_setting(run)], list(SETTING))

    def chaotic(self, table: str, frame: pd.DataFrame) -> np.ndarray:
        """Return for every row of a table, (rows,) bool, whether it is chaotic."""
        import numpy as np

        if table in FIXED:
            return np.zeros(len(frame), dtype=bool)
        if "point" in frame:
            return ~frame["point"].map(self.points.get("exponent", {})).le(0).to_numpy(bool)
        known = [name for name in SETTING if name in frame]
        if "cell" not in known or not len(self.settings):
            return np.ones(len(frame), dtype=bool)
        found = self.settings.groupby(known, dropna=False)["exponent"].max().reset_index()
        return ~frame[known].merge(found, on=known, how="left")["exponent"].le(0).to_numpy(bool)


def _by_point(run: Mapping[str, pd.DataFrame]) -> pd.DataFrame | None:
    return run["networks"][["point", "exponent"]] if "networks" in run else None


def _by_setting(run: Mapping[str, pd.DataFrame]) -> list[pd.DataFrame | None]:
    """Return λ₁ with cell, gain and forget bias: of long runs, and of the design's points."""
    found = []
    if {*SETTING, "value"} <= set(run.get("exponents", ())):
        found.append(run["exponents"].rename(columns={"value": "exponent"})[[*SETTING, "exponent"]])
    if "networks" in run and "points" in run:
        found.append(run["networks"][["point", "exponent"]].merge(run["points"], on="point")[[*SETTING, "exponent"]])
    return found


def _worst(frames: list[pd.DataFrame | None], by: list[str]) -> pd.DataFrame:
    """Return the largest λ₁ of each group; one that is missing counts as inf."""
    import pandas as pd

    there = [frame for frame in frames if frame is not None]
    if not there:
        return pd.DataFrame(columns=[*by, "exponent"])
    every = pd.concat(there, ignore_index=True).fillna({"exponent": float("inf")})
    grouped = every.groupby(by, dropna=False)["exponent"].max()
    return grouped.to_frame() if by == ["point"] else grouped.reset_index()
