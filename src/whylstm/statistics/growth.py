"""Predicted growth per step against the measured one, replicate by replicate."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from whylstm.statistics import _frames, _median
from whylstm.statistics.base import Statistic
from whylstm.statistics.networks import NATS

if TYPE_CHECKING:
    import pandas as pd

    from whylstm.statistics.base import Frames


@dataclass(frozen=True)
class Growth(Statistic):
    """One row per point and prediction; a prediction that does not exist for a point has no row."""

    tables: ClassVar[tuple[str, ...]] = ("networks",)

    def of_tables(self, tables: Frames) -> pd.DataFrame:
        """Return predicted, measured and their paired difference, in nats per step."""
        groups = tables["networks"].groupby("point", sort=True)
        return _frames.stacked(row for point, rows in groups for row in _rows(str(point), rows))


def predictions(rows: pd.DataFrame) -> dict[str, np.ndarray]:
    """Return the predicted growths of replicates by name, in nats per step; NaN where there is none."""
    with np.errstate(divide="ignore"):
        return {
            "incoherent": rows["growth_incoherent"].to_numpy(),
            "coherent": rows["growth_coherent"].to_numpy(),
            "mean": rows["growth_mean"].to_numpy(),
            "carry": np.log(rows["carry_mean"].to_numpy()),
            "bound": rows["norm_bound"].to_numpy() * NATS,
        }


def _rows(point: str, rows: pd.DataFrame) -> Iterator[dict[str, Any]]:
    for name, predicted in predictions(rows).items():
        paired = ~(np.isnan(predicted) | rows["exponent"].isna().to_numpy())
        if paired.any():
            measured = rows["exponent"].to_numpy()[paired]
            found = _median.summary(predicted[paired, None])
            with np.errstate(invalid="ignore"):  # both exactly zero, so both logs -inf: there is no difference
                difference = predicted[paired] - measured
            yield {
                "point": point,
                "prediction": name,
                **_frames.renamed(found, "predicted"),
                **_frames.renamed(_median.summary(measured[:, None]), "measured"),
                **_frames.renamed(_median.summary(difference[:, None]), "difference"),
                "n": found["n"],
                "coverage": found["coverage"],
            }


STATISTIC = Growth()
