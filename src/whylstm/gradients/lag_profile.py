"""The public door to the lag profile: the compiled route on a processor, the plain one (torch alone) on other devices.

Which route was taken is a matter of the device alone, which a config states: nothing in the environment decides it, and
where numba is missing there is an error and no other route. Tests hold the two against each other.
"""

from __future__ import annotations

import dataclasses
from typing import Any

import torch
from torch import Tensor

from whylstm.gradients import article as article_products
from whylstm.gradients import profile
from whylstm.gradients.columns import TRUNCATION, columns
from whylstm.gradients.factors import Factors

PRECISIONS = (torch.float64, torch.float32)


def columns_of(parts: tuple[str, ...], hops: int | None) -> list[str]:
    """Return the names that :func:`lag_profile` gives for a cell with these parts, the article's products aside."""
    return columns(parts, hops)


def lag_profile(
    factors: Factors,
    ends: list[int],
    lags: int,
    hops: int | None = 8,
    *,
    article: bool = True,
    spectral: bool = False,
    truncate: float | None = None,
    dtype: torch.dtype | None = None,
    plain: bool = False,
) -> dict[str, Tensor]:
    """Return log₁₀ norms of the lag Jacobian G_{t,k} for every lag k = 1 ... ``lags``, for B models and N windows.

    Each model and window is computed by itself, so no number depends on which others are asked for, on their order or
    on the number of threads. A product is never held for more than one lag: see :mod:`whylstm.gradients.streaming` for
    many models, and for the memory that is needed.

    With ``truncate`` the whole product is turned, now and then, so that few of its rows hold it, and the others are
    dropped (:mod:`whylstm.gradients.kernels.truncation`): at long lags most are. The error that this makes is certified
    lag by lag. Hops and carry are not truncated: a hop is fed by the one below, whose rows lie elsewhere.

    Args:
        factors: one-step Jacobians of B models over T steps, in float64 (or float32).
        ends: the windows' last steps t, counted from 1, each at least ``lags`` and at most T.
        lags: the largest lag.
        hops: the largest number of recurrent matrices that is told apart; None does not tell paths apart but for the
            carry alone, and needs one product in place of ``hops`` + 2.
        article: whether to measure the article's own products as well, where the cell has a memory behind its output.
        spectral: whether to measure the largest singular values as well.
        truncate: the largest share of a block's energy (its squared norm) that is dropped at once, or None for none:
            1e-12 suits float64 and 1e-7 float32. It pays from lag 200 on, not for ``hops``, and needs ``article=False``
            for cells with a memory behind their output, since the article's defect compares rows.
        dtype: precision of the products, float64 or float32; that of the factors if left out. float32 is within 4e-5 of
            a decade of float64 where paths do not cancel, and takes half the time.
        plain: whether to take the plain route on a processor too, many times slower; it drops nothing.

    Returns:
        Tensors (lags, B, N) in float64, -inf where a norm is exactly zero, NaN where the run was not finite: ``norm``
        (Frobenius, whole state), its blocks ``h_to_h``, ``h_to_c`` ... (from old part to new part), ``hop_0`` (the
        carry alone), ``hop_1`` ... ``hop_rest`` unless ``hops`` is None, ``carry_c_to_c`` ... (blocks of ``hop_0``);
        with ``article`` also ``article``, ``article_defect``, ``detour``, ``carousel``, ``detour_gap``; with
        ``spectral`` also ``spectral``, ``spectral_h_to_h`` and ``spectral_residual`` (not a logarithm): ‖GᵀGv - σ²v‖/σ²
        for the vector v that was found, whichever of the two is larger, so that σ is within half of it, relatively;
        with ``truncate`` also ``truncation_error``: by how many decades any norm but those of hops may be off for what
        was dropped, by random probes of it; that it is more has a chance of 1e-6, at one lag and block.

    Raises:
        ValueError: if a window does not reach back ``lags`` steps or ends after the last step, if the dtype is another
            one, or if ``truncate`` is not between 0 and 1 or asked for together with the article's products.
    """
    if dtype not in (None, *PRECISIONS):
        raise ValueError(f"dtype {dtype} must be one of {', '.join(map(str, PRECISIONS))}")
    article = article and factors.exposure is not None
    if truncate is not None and not (0 < truncate < 1 and not article):
        raise ValueError(f"truncate={truncate} must be between 0 and 1, and article=False with it")
    if plain or factors.matrices.device.type != "cpu":
        route = _plain
    else:
        from whylstm.gradients import compiled  # here, since it takes numba a second to load

        route = compiled.profile
    return route(factors, ends, lags, hops, article=article, spectral=spectral, truncate=truncate, dtype=dtype)


def _plain(
    factors: Factors,
    ends: list[int],
    lags: int,
    hops: int | None,
    *,
    article: bool,
    spectral: bool,
    truncate: float | None = None,
    dtype: torch.dtype | None,
) -> dict[str, Tensor]:
    """Return the same by torch alone, which drops nothing."""
    converted = factors if dtype is None else _converted(factors, dtype)
    found = profile.profile(converted, ends, lags, hops or 0)
    if hops is None:
        del found["hop_rest"]
    if article:
        found |= article_products.article_profile(converted, ends, lags)
    if spectral:
        found |= profile.spectral_profile(converted, ends, lags)
    if truncate is not None:
        found[TRUNCATION[0]] = torch.where(found["norm"].isnan(), torch.nan, 0.0)
    return found


def _converted(factors: Factors, dtype: torch.dtype) -> Factors:
    """Return the factors in another precision."""

    def each(blocks: dict[Any, Tensor]) -> dict[Any, Tensor]:
        return {key: value.to(dtype) for key, value in blocks.items()}

    return dataclasses.replace(
        factors,
        carry=each(factors.carry),
        mix=each(factors.mix),
        matrices=factors.matrices.to(dtype),
        exposure=None if factors.exposure is None else factors.exposure.to(dtype),
    )
