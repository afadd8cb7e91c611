"""Singular values of the lag Jacobian over replicates, each relative to the largest of its network."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from whylstm.statistics._replicates import over_replicates
from whylstm.statistics.base import Statistic

if TYPE_CHECKING:
    import pandas as pd

    from whylstm.statistics.base import Frames

NETWORK = ["cell", "forget_bias", "lag", "replicate"]


@dataclass(frozen=True)
class SpectrumSummary(Statistic):
    """One row per setting, lag and place in the spectrum; a singular value of zero stays -inf."""

    tables: ClassVar[tuple[str, ...]] = ("spectra",)

    def of_tables(self, tables: Frames) -> pd.DataFrame:
        """Return the medians of σ_i/σ_1, log₁₀; missing where the whole Jacobian is zero."""
        rows = tables["spectra"].sort_values([*NETWORK, "index"])
        largest = rows.groupby(NETWORK, dropna=False)["log10_value"].transform("max")
        with np.errstate(invalid="ignore"):
            relative = rows.assign(relative=rows["log10_value"] - largest)
        return over_replicates(relative, ["cell", "forget_bias", "lag", "index"], {"relative": "median"})


STATISTIC = SpectrumSummary()
