"""The article's own products, beside the truth that they are read as (SCIENCE: where the derivation goes wrong).

For a cell with a memory C behind an output h, with d = ∂h/∂C (gates held fixed) and A = ∂C_t/∂h_{t-1}:

    article    Π ∂h_i/∂h_{i-1}, what the article takes for ∂h_t/∂h_{t-k}: the product of the h→h blocks of J alone
    detour     (∂h_t/∂C_t)(∂C_t/∂h_{t-1}) ... = Π D(d_i) A_i, the left side of the article's equality
    carousel   D(d_t) Π f_i · A_{t-k+1}, its right side, with the index bounds set right: k - 1 forget gates

The defect is ∂h_t/∂h_{t-k} minus the article's product; the gap is the detour minus the carousel.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from whylstm.gradients.columns import ARTICLE as ARTICLE
from whylstm.gradients.factors import Factors
from whylstm.gradients.profile import advance, start, step_at
from whylstm.gradients.scaled import Scaled


@dataclass(frozen=True)
class Products:
    """The running products at one lag, each (Z, H, H) but ``kept``, the row D(d_t) Π f as (Z, 1, H)."""

    article: Scaled
    detour: Scaled
    kept: Scaled


def article_profile(factors: Factors, ends: list[int], lags: int) -> dict[str, Tensor]:
    """Return log₁₀ Frobenius norms for every lag 1 ... ``lags``, each (lags, B, windows) in float64.

    Names: ``article``, ``article_defect``, ``detour``, ``carousel``, ``detour_gap``. Empty for a cell without a memory
    behind its output. Arguments as :func:`whylstm.gradients.profile.profile`.
    """
    if factors.exposure is None:
        return {}
    last = torch.tensor(ends, device=factors.matrices.device) - 1
    truth, products, rows = start(factors, len(ends), hops=0), _start(factors, last), []
    for lag in range(lags):
        step = step_at(factors, last - lag)
        truth = advance(truth, step)
        products, carousel = _advance(factors, products, step.mixed, last - lag)
        whole = Scaled(truth.mantissa[:, 0, : factors.hidden, : factors.hidden], truth.exponent[:, 0])
        rows.append(_norms(products, carousel, whole))
    models = factors.matrices.shape[0]
    return {name: torch.stack([row[name] for row in rows]).unflatten(1, (models, len(ends))) for name in rows[0]}


def _start(factors: Factors, last: Tensor) -> Products:
    one = torch.eye(factors.hidden, dtype=factors.matrices.dtype, device=factors.matrices.device)
    identity = Scaled.of(one.expand(len(_at(factors, last)), -1, -1))
    return Products(identity, identity, Scaled.of(_at(factors, last)[:, None, :]))


def _at(factors: Factors, times: Tensor) -> Tensor:
    """Return the exposure d at one time per window, (Z, H)."""
    return factors.exposed[times].transpose(0, 1).flatten(0, 1)


def _advance(factors: Factors, products: Products, mixed: dict[str, Tensor], times: Tensor) -> tuple[Products, Scaled]:
    """Take every product one lag further; return them and the carousel term of this lag."""
    h, c = factors.parts[:2]
    forget = factors.carry[c, c][times].transpose(0, 1).flatten(0, 1)
    carousel = Scaled(products.kept.mantissa.transpose(-1, -2) * mixed[c], products.kept.exponent).rescaled()
    advanced = Products(
        article=Scaled(products.article.mantissa @ mixed[h], products.article.exponent).rescaled(),
        detour=Scaled(
            products.detour.mantissa @ (_at(factors, times)[:, :, None] * mixed[c]), products.detour.exponent
        ).rescaled(),
        kept=Scaled(products.kept.mantissa * forget[:, None, :], products.kept.exponent).rescaled(),
    )
    return advanced, carousel


def _norms(products: Products, carousel: Scaled, truth: Scaled) -> dict[str, Tensor]:
    return {
        "article": products.article.log10_norm(),
        "article_defect": (truth - products.article).log10_norm(),
        "detour": products.detour.log10_norm(),
        "carousel": carousel.log10_norm(),
        "detour_gap": (products.detour - carousel).log10_norm(),
    }
