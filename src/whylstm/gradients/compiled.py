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

from whylstm.gradients.columns import ARTICLE, SPECTRAL, columns
from whylstm.gradients.factors import Factors
from whylstm.gradients.kernels import article as article_kernels
from whylstm.gradients.kernels import layout, norms, steps
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


def profile(
    factors: Factors,
    ends: list[int],
    lags: int,
    hops: int | None = 8,
    *,
    article: bool = True,
    spectral: bool = False,
    dtype: torch.dtype | None = None,
) -> dict[str, Tensor]:
    """Return what the plain routes return, in one dict; see :func:`whylstm.gradients.lag_profile.lag_profile`."""
    if min(ends) < lags or max(ends) > factors.steps:
        raise ValueError(f"windows {ends} must end between the largest lag {lags} and the last step {factors.steps}")
    article = article and factors.exposure is not None
    names = [*columns(factors.parts, hops), *ARTICLE * article, *SPECTRAL * spectral]
    memory = room(factors, hops, numpy_dtype(dtype or factors.matrices.dtype), article=article, spectral=spectral)
    out = np.empty((len(names), lags, factors.matrices.shape[0], len(ends)))
    for group, logs in _groups(factors, ends, lags, memory, len(names)):
        out[:, :, group] = logs
    found = {name: torch.from_numpy(column) for name, column in zip(names, out, strict=True)}
    if spectral:
        found[SPECTRAL[-1]] = 10.0 ** found[SPECTRAL[-1]]
    return found


def numpy_dtype(dtype: torch.dtype) -> np.dtype[Any]:
    """Return numpy's name of a precision."""
    return np.dtype(str(dtype).removeprefix("torch."))


def room(
    factors: Factors, hops: int | None, dtype: np.dtype[Any], *, article: bool = False, spectral: bool = False
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
    )


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
