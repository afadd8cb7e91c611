"""The public door to the lag profile: the compiled route on a processor, the plain one on every other device."""

from __future__ import annotations

from torch import Tensor

from whylstm.gradients import article, compiled, profile
from whylstm.gradients.factors import Factors


def columns_of(parts: tuple[str, ...], hops: int) -> list[str]:
    """Return the names that :func:`lag_profile` gives for a cell with these parts, the article's products aside."""
    return compiled.columns(parts, hops, with_article=False)


def lag_profile(factors: Factors, ends: list[int], lags: int, hops: int = 8) -> dict[str, Tensor]:
    """Return log₁₀ norms of the lag Jacobian, its blocks, its hops, and the article's products, for every lag.

    Arguments, names and shapes as :func:`whylstm.gradients.profile.profile` and
    :func:`whylstm.gradients.article.article_profile`. Each window is computed by itself, so no number depends on
    which other models or windows are asked for.
    """
    if factors.matrices.device.type == "cpu":
        return compiled.profile(factors, ends, lags, hops)
    return profile.profile(factors, ends, lags, hops) | article.article_profile(factors, ends, lags)
