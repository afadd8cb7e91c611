"""The article's products against the truth, and the two sides of its equality against each other."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from whylstm.statistics import _frames, _median
from whylstm.statistics._cube import cube, over_windows, ratio, shown
from whylstm.statistics.base import Statistic

if TYPE_CHECKING:
    import pandas as pd

    from whylstm.statistics.base import Frames

READ = ("article", "article_defect", "detour", "carousel", "detour_gap", "h_to_h")


@dataclass(frozen=True)
class ArticleGap(Statistic):
    """Ratios of norms at the shown lags, for points with a memory behind their output; no rows for others."""

    records: ClassVar[tuple[str, ...]] = ("profiles",)

    def columns(self, table: str, names: Iterable[str]) -> list[str]:
        """Return the article's products and the block that they are taken for."""
        return [name for name in names if name in ("replicate", "window", "lag", *READ)]

    def of_point(self, frames: Frames) -> pd.DataFrame:
        """Return a row per comparison and lag, log₁₀."""
        profiles = cube(frames["profiles"])
        if not set(READ) <= set(profiles.values):
            return _frames.stacked([])
        lags = shown(profiles.lags)
        at_lags = {name: values[..., [lag - 1 for lag in lags]] for name, values in profiles.values.items()}
        return _frames.stacked(
            {"comparison": name, "lag": lags, **_median.summary(over_windows(values))}
            for name, values in comparisons(at_lags).items()
        )


def comparisons(norms: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return log₁₀ of each ratio, NaN where its denominator is exactly zero.

    The gap of the two sides is taken relative to the *larger* one: it lies near 0 (in log₁₀) wherever they have
    nothing in common, and is -inf where they are equal, whichever side is the larger.
    """
    return {
        "article_to_truth": ratio(norms["article"], norms["h_to_h"]),
        "defect_to_truth": ratio(norms["article_defect"], norms["h_to_h"]),
        "detour_to_carousel": ratio(norms["detour"], norms["carousel"]),
        "gap_to_larger": ratio(norms["detour_gap"], np.maximum(norms["detour"], norms["carousel"])),
        "carousel_to_truth": ratio(norms["carousel"], norms["h_to_h"]),
    }


STATISTIC = ArticleGap()
