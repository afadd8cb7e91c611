"""How many recurrent matrices the gradient passes: the distribution of hops at a lag, from random directions.

With v a vector of unit normal numbers, E‖vᵀ G^(r)‖² = ‖G^(r)‖²_F, so a few directions v, taken back through the network
with a separate row for each number r of hops, give the share of every r = 0 ... k at once::

    share(r) = ‖G^(r)‖² / Σ_r ‖G^(r)‖²        mean hops = Σ_r r share(r)

The same directions serve every r, so the shares are known better than the norms; the error of the mean comes from
leaving out one direction at a time. Exact norms of the first few r, without sampling, are in the layers' lag profiles.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from whylstm.diagnosis.chain import Chain, Rows, carried, climbed, hop, joined
from whylstm.gradients.scaled import LOG10_2, Scaled
from whylstm.streams import stream


@dataclass(frozen=True)
class Hops:
    """The hops at one lag k.

    Attributes:
        share: (k+1,), the share of the squared norm that takes r hops; sums to 1.
        mean: the mean number of hops, NaN where the whole Jacobian is zero.
        error: its standard error from the choice of directions.
    """

    share: Tensor
    mean: float
    error: float


def hops(chain: Chain, end: int, lags: tuple[int, ...], directions: int = 8, seed: int = 0) -> dict[int, Hops]:
    """Return the distribution of hops at each of these lags, for the window that ends at step ``end``.

    Args:
        chain: the network's one-step Jacobians.
        end: t, counted from 1.
        lags: the lags, each at most ``end``.
        directions: how many random directions.
        seed: seed of the directions.
    """
    start = random_rows(chain, directions, seed)
    rows, out = {layer: Scaled(part.mantissa[None], part.exponent[None]) for layer, part in start.items()}, {}
    for lag in range(1, max(lags) + 1):
        rows = one_lag(chain, end - lag, rows)
        if lag in lags:
            out[lag] = summary(log_squares(rows)[:, 0])
    return out


def random_rows(chain: Chain, directions: int, seed: int) -> Rows:
    """Return unit normal rows for the state of every layer, (B, directions, S_l), the same for all models."""
    draws = stream(seed, "directions", sizes=str(chain.sizes), directions=directions)
    numbers = [torch.from_numpy(draws.standard_normal((directions, size))) for size in chain.sizes]
    models = chain.links[0].matrices.shape[0]
    return {layer: Scaled.of(value.expand(models, -1, -1)) for layer, value in enumerate(numbers)}


def one_lag(chain: Chain, step: int, rows: Rows) -> Rows:
    """Take rows by hops, (r, B, directions, S_l) for r = 0 ... k, one step back, to r = 0 ... k+1."""
    out: Rows = {}
    spill = None
    for layer in range(max(rows), -1, -1):
        link = chain.links[layer]
        total = joined(rows[layer], spill)
        kept = Scaled(carried(link.own, step, total.mantissa), total.exponent)
        out[layer] = _padded(kept, after=1) + _padded(hop(link, step, total), before=1)
        spill = climbed(link, step, total) if layer else None
    return out


def log_squares(rows: Rows) -> Tensor:
    """Return log₁₀ of each row's squared norm over all layers, (..., B, directions)."""
    layers = []
    for part in rows.values():
        lengths = torch.linalg.vector_norm(part.mantissa, dim=-1).log10()
        layers.append(2 * (lengths + part.exponent[..., None] * LOG10_2))
    return torch.logsumexp(torch.stack(layers) * _LN10, 0) / _LN10


def summary(logs: Tensor) -> Hops:
    """Return shares, mean and error from squared norms (log₁₀) by hops and direction."""
    top = logs.amax()
    if not torch.isfinite(top):
        return Hops(torch.full((len(logs),), torch.nan, dtype=torch.float64), float("nan"), float("nan"))
    squares = 10.0 ** (logs - top)
    numbers = torch.arange(len(logs), dtype=torch.float64)
    together, count = squares.sum(1), logs.shape[1]
    without = together[:, None] - squares
    left_out = (numbers[:, None] * without).sum(0) / without.sum(0)
    mean = float((numbers * together).sum() / together.sum())
    error = float(((left_out - left_out.mean()).square().sum() * (count - 1) / count).sqrt())
    return Hops(together / together.sum(), mean, error)


_LN10 = 2.302585092994046


def _padded(rows: Scaled, before: int = 0, after: int = 0) -> Scaled:
    """Return rows with empty entries before or after along the axis of hops."""
    mantissa = torch.nn.functional.pad(rows.mantissa, (0, 0, 0, 0, 0, 0, before, after))
    return Scaled(mantissa, torch.nn.functional.pad(rows.exponent, (0, 0, before, after), value=-torch.inf))
