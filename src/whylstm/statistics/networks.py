"""What the profile of one network (a replicate of a point) amounts to: growth per step, memory, and its bounds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import pandas as pd

from whylstm.statistics._cube import Cube, cube, over_windows
from whylstm.statistics.base import Statistic

if TYPE_CHECKING:
    from whylstm.statistics.base import Frames

NATS = float(np.log(10.0))
READ = ("replicate", "window", "lag", "norm", "carry_c_to_c")
FROM_MODELS = (
    "norm_bound",
    "spectral_norm",
    "finite_steps",
    "carry_mean",
    "growth_incoherent",
    "growth_coherent",
    "growth_mean",
)


@dataclass(frozen=True)
class Networks(Statistic):
    """One row per replicate. A replicate whose every window met a state that is not finite has a row without values."""

    records: ClassVar[tuple[str, ...]] = ("profiles", "models")

    def columns(self, table: str, names: Iterable[str]) -> list[str]:
        """Return the whole norm and the memory's carry, and everything that describes the run."""
        wanted = READ if table == "profiles" else ("replicate", *FROM_MODELS)
        return [name for name in names if name in wanted]

    def of_point(self, frames: Frames) -> pd.DataFrame:
        """Return the rows of one point, exponents in nats per step."""
        profiles = cube(frames["profiles"])
        models = frames["models"].sort_values("replicate")
        bounds = models.set_index("replicate")["norm_bound"].reindex(profiles.replicates).to_numpy()
        measured = pd.DataFrame({"replicate": profiles.replicates, **_measured(profiles, bounds)})
        rows = models[["replicate", *FROM_MODELS]].merge(measured, on="replicate", how="left")
        return rows.assign(lags=profiles.lags, windows=rows["windows"].fillna(0).astype("int64"))


def _measured(profiles: Cube, bounds: np.ndarray) -> dict[str, np.ndarray]:
    """Return the columns that come from the profiles, (R,) each."""
    if not profiles.lags:
        names = ("exponent", "exponent_before", "memory", "carry_peak", "bound_excess")
        return dict.fromkeys(("windows", *names), np.array([]))
    norm, last = profiles.values["norm"], profiles.lags
    return {
        "windows": np.count_nonzero(~np.isnan(norm[..., 0]), axis=1),
        "exponent": over_windows(slope(norm, last // 2, last)),
        "exponent_before": over_windows(slope(norm, last // 4, last // 2)),
        "memory": over_windows(memory(norm)),
        "carry_peak": _peak(profiles.values.get("carry_c_to_c", np.full_like(norm, np.nan))),
        "bound_excess": _peak(excess(norm, bounds)),
    }


def slope(norm: np.ndarray, first: int, last: int) -> np.ndarray:
    """Return the slope of ln‖G‖ between two lags in nats per step; -inf once G is exactly zero.

    Args:
        norm: (..., K) log₁₀ of ‖G‖ at lags 1 ... K.
        first: the smaller lag, at least 1 and below ``last``; otherwise the slope is NaN.
        last: the larger lag.
    """
    if not 1 <= first < last:
        return np.full(norm.shape[:-1], np.nan)
    start, end = norm[..., first - 1], norm[..., last - 1]
    with np.errstate(invalid="ignore"):
        rate = (end - start) * NATS / (last - first)
    return np.where(np.isneginf(end), -np.inf, rate)


def memory(norm: np.ndarray) -> np.ndarray:
    """Return the smallest lag with ‖G(k)‖ < ‖G(1)‖/e, inf if there is none up to K; NaN without a value.

    ``norm`` is (..., K), log₁₀. Where ‖G(1)‖ is exactly zero, nothing is remembered: 1.
    """
    first = norm[..., :1]
    below = (norm < first - 1 / NATS) | np.isneginf(norm)
    steps = np.where(below.any(-1), below.argmax(-1) + 1.0, np.inf)
    return np.where(np.isnan(first[..., 0]), np.nan, steps)


def excess(norm: np.ndarray, bounds: np.ndarray) -> np.ndarray:
    """Return how far ‖G(k)‖ exceeds ‖G(1)‖ b^(k-1), log₁₀; a norm bound b on each factor allows no more than 0.

    Args:
        norm: (R, W, K) log₁₀.
        bounds: (R,) log₁₀ of b, NaN where there is none.

    Returns:
        (R, W, K - 1), from lag 2 on: at lag 1 both sides are the same.
    """
    later, rates = norm[..., 1:], bounds[:, None, None]
    with np.errstate(invalid="ignore"):
        over = later - norm[..., :1] - np.arange(1, norm.shape[-1]) * rates
    return np.where(np.isneginf(later) & ~np.isnan(rates), -np.inf, over)


def _peak(values: np.ndarray) -> np.ndarray:
    """Return the largest value of each replicate, (R, W, K) to (R,), NaN where there is none."""
    flat = np.where(np.isnan(values), -np.inf, values).reshape(len(values), -1).max(1, initial=-np.inf)
    return np.where(np.isnan(values).all((1, 2)), np.nan, flat)


STATISTIC = Networks()
