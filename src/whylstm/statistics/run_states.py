"""What the gradient of every run was like before its first update and when it ended, beside how it ended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import pandas as pd

from whylstm.statistics._training import RUN, at_dependency, carry_share, endings
from whylstm.statistics.base import Statistic

if TYPE_CHECKING:
    from whylstm.statistics.base import Frames

STAGES = ("start", "end")
MEASURED = ["exponent", "gate", "cosine", "norm_ratio", "memory"]


@dataclass(frozen=True)
class RunStates(Statistic):
    """One row per run and stage: the first probe and the last one. A run that was never probed has no row."""

    tables: ClassVar[tuple[str, ...]] = ("trials", "runs", "examinations", "probes", "probe_lags")

    def of_tables(self, tables: Frames) -> pd.DataFrame:
        """Return summary and norms at the dependency's lag, side by side."""
        probes = with_norms(tables)
        if probes.empty:
            return pd.DataFrame()
        ordered = probes.sort_values("update")
        ends = {"start": ordered.drop_duplicates(RUN), "end": ordered.drop_duplicates(RUN, keep="last")}
        rows = pd.concat([ends[stage].assign(stage=stage) for stage in STAGES], ignore_index=True)
        return rows.rename(columns={"update": "probed"}).merge(endings(tables)[[*RUN, "end", "update"]], on=RUN)


def with_norms(tables: Frames) -> pd.DataFrame:
    """Return the probes with ``lag``, and at that lag ``reach``, ``norm`` and ``carry_share``.

    ``reach`` is how the last output depends on the input, which needs no coordinates of a state; ``norm`` that from h
    to h, or of the whole state where that is h. A memory that is not known is infinite where there is a profile of
    norms: the norm never fell so far.
    """
    lags = at_dependency(tables["probe_lags"], tables["trials"])
    block, reach = (lags.get(name, pd.Series(np.nan, lags.index)) for name in ("h_to_h", "x_to_h"))
    part = lags[[*RUN, "update", "lag"]].assign(reach=reach, norm=block.fillna(lags["norm"]))
    part = part.assign(carry_share=carry_share(lags))
    probes = tables["probes"][[*RUN, "update", *MEASURED]].merge(part, on=[*RUN, "update"], how="left")
    return probes.assign(memory=probes["memory"].where(probes["memory"].notna() | probes["norm"].isna(), np.inf))


STATISTIC = RunStates()
