"""The lag profile, compiled: one model and one window at a time, its products small enough to stay in the cache.

The same numbers as :mod:`whylstm.gradients.profile` and :mod:`whylstm.gradients.article`, which are the oracle and the
way on other devices. What is gained: products lie so that each is read once a lag (see
:mod:`whylstm.gradients.kernels.layout`), products that are still zero are skipped, the carry alone is a set of
diagonals, and rescaling, carry and norms are one pass while the numbers are in the cache.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from whylstm.gradients.columns import ARTICLE, SPECTRAL, TRUNCATION, columns
from whylstm.gradients.factors import Factors
from whylstm.gradients.kernels import article as article_kernels
from whylstm.gradients.kernels import layout, norms, probes, steps, truncation
from whylstm.gradients.kernels import spectral as spectral_kernels
from whylstm.gradients.kernels.window import windows

GROUP = 8
"""Models that are handed to the kernels together: so many that a call costs little, so few that their U take little."""


class Room(NamedTuple):
    """The memory that a window needs, used again for every window: its size does not grow with models or windows."""

    shape: layout.Sizes
    stack: layout.Stack
    carried: layout.Carried
    step: layout.Step
    paper: layout.Stack | None
    carousel: article_kernels.Carousel | None
    one: layout.Sizes | None
    search: spectral_kernels.Search | None
    cut: truncation.Cut | None


def profile(
    factors: Factors,
    ends: list[int],
    lags: int,
    hops: int | None = 8,
    *,
    article: bool = True,
    spectral: bool = False,
    truncate: float | None = None,
    dtype: torch.dtype | None = None,
) -> dict[str, Tensor]:
    """Return what the plain routes return, in one dict; see :func:`whylstm.gradients.lag_profile.lag_profile`."""
    if min(ends) < lags or max(ends) > factors.steps:
        raise ValueError(f"windows {ends} must end between the largest lag {lags} and the last step {factors.steps}")
    article = article and factors.exposure is not None
    names = [*columns(factors.parts, hops), *ARTICLE * article, *SPECTRAL * spectral]
    names += TRUNCATION if truncate is not None else ()
    kind = numpy_dtype(dtype or factors.matrices.dtype)
    memory = room(factors, hops, kind, article=article, spectral=spectral, truncate=truncate)
    out = np.empty((len(names), lags, factors.matrices.shape[0], len(ends)))
    for group, logs in _groups(factors, ends, lags, memory, len(names)):
        out[:, :, group] = logs
    found = {name: torch.from_numpy(column) for name, column in zip(names, out, strict=True)}
    if spectral:
        found[SPECTRAL[-1]] = 10.0 ** found[SPECTRAL[-1]]
    if truncate is not None:
        found[TRUNCATION[0]] = _decades(found, probes.certainty())
    return found


def numpy_dtype(dtype: torch.dtype) -> np.dtype[Any]:
    """Return numpy's name of a precision."""
    return np.dtype(str(dtype).removeprefix("torch."))


def room(
    factors: Factors,
    hops: int | None,
    dtype: np.dtype[Any],
    *,
    article: bool = False,
    spectral: bool = False,
    truncate: float | None = None,
) -> Room:
    """Return memory for windows of these models."""
    shape = steps.sizes(factors, hops, dtype)
    one = article_kernels.single(shape) if article else None
    return Room(
        shape=shape,
        stack=layout.stack(shape, dtype),
        carried=layout.carried(shape),
        step=layout.step(shape, dtype),
        paper=layout.stack(one, dtype) if one else None,
        carousel=article_kernels.carousel(shape, dtype) if one else None,
        one=one,
        search=spectral_kernels.search(shape, dtype) if spectral else None,
        cut=None if truncate is None else truncation.cut(shape, dtype, truncate),
    )


def _decades(found: dict[str, Tensor], certainty: float) -> Tensor:
    """Return by how many decades any norm may be off, from the share of the probes; of spectral norms too, if found.

    A norm N whose probes have the share ρ of its energy is between N √(1-ρ) and N √(1+cρ), c being the certainty.
    """
    share = 10.0 ** (2 * found[TRUNCATION[0]])
    for whole, largest in (("norm", "spectral"), ("h_to_h", "spectral_h_to_h")):
        if largest in found:
            spread = 10.0 ** (2 * (found[whole] - found[largest]))
            share = torch.maximum(share, share * spread.nan_to_num(nan=1.0))
    decades = torch.where(share < 1 - 1 / certainty, 0.5 * torch.log10(1 + certainty * share), torch.inf)
    return torch.where(found["norm"].isnan(), torch.nan, decades)


def _groups(
    factors: Factors, ends: list[int], lags: int, memory: Room, columns: int
) -> Iterator[tuple[slice, np.ndarray]]:
    """Yield the norms of one group of models after another, (columns, lags, models, windows)."""
    every, models = steps.models(factors), factors.matrices.shape[0]
    for first in range(0, models, GROUP):
        group = slice(first, min(first + GROUP, models))
        some = steps.with_matrices(every, factors, group, memory.stack.data.dtype)
        count = group.stop - first
        found = norms.record(count * len(ends) * lags * columns)
        windows(some, first, group.stop, np.array(ends), lags, *memory, found)
        yield group, norms.log10(found).reshape(count, len(ends), lags, columns).transpose(3, 2, 0, 1)
