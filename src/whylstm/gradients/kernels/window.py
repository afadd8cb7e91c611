"""Windows of models, one after another: back from the last step, lag by lag, the norms of each written as they come."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from numba import njit

from whylstm.gradients.kernels.article import advance_article, start_carousel, write_article
from whylstm.gradients.kernels.carries import advance_carry, start_carry
from whylstm.gradients.kernels.denormals import flush_denormals, restore_denormals
from whylstm.gradients.kernels.norms import write_block, write_whole
from whylstm.gradients.kernels.panels import advance, start
from whylstm.gradients.kernels.pointers import kernel, raw
from whylstm.gradients.kernels.probes import write_certificate
from whylstm.gradients.kernels.spectral import start_search, write_spectral
from whylstm.gradients.kernels.steps import read_step
from whylstm.gradients.kernels.truncation import start_cut, truncate


def _entry_point(version: int) -> Callable[..., None]:
    """Return the compiled function; numba's cache knows it by ``version``, since it does not see other files change."""

    @njit(nogil=True, cache=True)
    def run(model, first, last, ends, lags, shape, stack, carried, step, paper, carousel, one, search, cut, record):
        if version < 0:
            return
        setting, at = flush_denormals(), 0
        for which in range(first, last):
            for end in ends:
                at = _run(
                    raw(model), which, which - first, end, lags, shape, raw(stack), raw(carried), raw(step),
                    raw(paper), raw(carousel), one, raw(search), raw(cut), raw(record), at,
                )  # fmt: skip
        restore_denormals(setting)

    return run


def _version() -> int:
    """Return a number that changes when a kernel's source does."""
    together = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        together.update(path.read_bytes())
    return int(together.hexdigest()[:15], 16)


@kernel
def _run(model, which, inner, end, lags, shape, stack, carried, step, paper, carousel, one, search, cut, record, at):
    """Write the norms of one window from place ``at`` on; return the next place."""
    start(stack, shape, 1)
    start_carry(carried, shape)
    if paper is not None:
        start(paper, one, 2)
        start_carousel(carousel, model, shape, end - 1, which)
    if search is not None:
        start_search(search, shape)
    if cut is not None:
        start_cut(cut, shape)
    for time in range(end - 1, end - 1 - lags, -1):
        if cut is not None:
            truncate(stack, cut, search, shape, end - 1 - time)
        read_step(step, model, shape, time, which, inner)
        advance(stack, carried, step, model.carry_index, shape)
        advance_carry(carried, step, model.carry_index, shape)
        at = _write(record, at, stack, carried, shape)
        if paper is not None:
            advance_article(paper, carousel, model, step, shape, one, time, which)
            at = write_article(record, at, stack, paper, carousel, step, model.carry_index, shape, one)
        if search is not None:
            at = write_spectral(record, at, stack, search, shape)
        if cut is not None:
            at = write_certificate(record, at, stack, cut, shape)
    return at


@kernel
def _write(record, at, stack, carried, shape):
    """Write the norms of one lag: the whole, its blocks, the carry, hop 1 ... n and the rest, the carry's blocks."""
    at = write_whole(record, at, stack, shape, 0)
    for new in range(shape.parts):
        for old in range(shape.parts):
            at = write_block(record, at, stack, shape, new, old)
    at = write_whole(record, at, carried, shape, 0)
    for member in range(1, shape.members):
        at = write_whole(record, at, stack, shape, member)
    for part in range(shape.parts):
        at = write_block(record, at, carried, shape, part, part)
    return at


windows: Any = _entry_point(_version())
"""Fill ``record`` (models, windows, lags, columns) for models ``first`` to ``last`` (not included) and all ``ends``.

Columns: the whole, its blocks, the carry, hop 1 ... n and the rest (if ``shape.members`` > 1), the carry's blocks, the
article's five (unless ``paper`` is None), the largest singular values with their residual (unless ``search`` is None),
and the share of the probes (unless ``cut`` is None). What is None is not compiled either. The matrices of ``model`` are
those of these models alone.
"""
