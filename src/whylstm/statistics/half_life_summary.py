"""Half-lives of an LSTM's units under a constant forget bias and under chrono initialisation, with their predictions.

For gates that stay where their biases put them, f = σ(b): the half-life is ln 2 / ln(1 + e^-b), and under chrono
initialisation the mean of f^T_max tends to E₂(1) for large T_max (Tallec & Ollivier 2018).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from whylstm.statistics._median import BAND, quantile
from whylstm.statistics._replicates import over_replicates
from whylstm.statistics.base import Statistic

if TYPE_CHECKING:
    import pandas as pd

    from whylstm.statistics.base import Frames

SETTING = ["law", "setting", "input_scale"]
UNITS = {"half_life": 0.5, "short": BAND[0], "long": BAND[1]}
"""Which units of a network are looked at: the median one, and those at the ends of the band."""


@dataclass(frozen=True)
class HalfLifeSummary(Statistic):
    """One row per law, setting and input scale: quantiles over the units of a network, then medians over networks."""

    tables: ClassVar[tuple[str, ...]] = ("half_lives",)

    def of_tables(self, tables: Frames) -> pd.DataFrame:
        """Return half-lives in steps, what chrono units keep of T_max steps, and the predictions for constant gates."""
        networks = tables["half_lives"].groupby([*SETTING, "replicate"], sort=True)
        parts = {name: networks["half_life"].agg(_unit, share=share) for name, share in UNITS.items()}
        parts["kept"] = networks["kept_at_t_max"].mean()
        rows = networks.size().index.to_frame(index=False).assign(**{name: s.to_numpy() for name, s in parts.items()})
        found = over_replicates(rows, SETTING, {name: name for name in parts})
        found = found.drop(columns=[f"{name}_{end}" for name in ("short", "long") for end in ("low", "high")])
        return found.assign(predicted=_half_life(found), kept_predicted=_kept(found))


def _unit(values: pd.Series, share: float) -> float:
    return float(quantile(values.to_numpy()[:, None], share)[0])


def _half_life(found: pd.DataFrame) -> np.ndarray:
    """Return the half-life of a unit whose gate stands at σ(b), in steps; NaN for chrono, whose units differ."""
    constant = (found["law"] == "constant").to_numpy()
    bias = found["setting"].where(constant, 0.0).to_numpy()
    return np.where(constant, np.log(2) / np.log1p(np.exp(-bias)), np.nan)


def _kept(found: pd.DataFrame) -> np.ndarray:
    """Return E₂(1) for chrono, NaN for a constant bias."""
    from scipy.special import expn

    return np.where(found["law"] == "chrono", float(expn(2, 1)), np.nan)


STATISTIC = HalfLifeSummary()
