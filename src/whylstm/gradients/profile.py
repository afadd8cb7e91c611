"""The lag profile: norms of G_{t,k} = J_t J_{t-1} ... J_{t-k+1} for every lag k, whole, by block and by hops.

One pass from t backwards carries a stack of products that share each step's matrix product:

    total   G                             P' = P (K + R)
    hop r   G^{(r)}, r = 0 ... n          P_r' = P_r K + P_{r-1} R
    rest    Σ_{r>n} G^{(r)}               P' = P (K + R) + P_n R

R has only the h column, Σ_g D(mix[p,g]) U_g, assembled once per step; K is diagonal. Every product keeps a power-of-two
scale of its own (:mod:`whylstm.gradients.scaled`).
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from whylstm.gradients.columns import SPECTRAL
from whylstm.gradients.factors import Factors
from whylstm.gradients.scaled import LOG10_2, Scaled


@dataclass(frozen=True)
class Step:
    """J at one lag for a batch of Z (model, window) pairs.

    Attributes:
        parts: names of the state's parts.
        carry: diagonals (Z, H) by (new part, old part).
        mixed: Σ_g D(mix[p, g]) U_g, (Z, H, H) by new part.
    """

    parts: tuple[str, ...]
    carry: dict[tuple[str, str], Tensor]
    mixed: dict[str, Tensor]

    def carried(self, product: Tensor) -> Tensor:
        """Return P K for products (Z, M, rows, parts, H)."""
        out = torch.zeros_like(product)
        for (new, old), diagonal in self.carry.items():
            p, q = self.parts.index(new), self.parts.index(old)
            out[..., q, :] += product[..., p, :] * diagonal[:, None, None, :]
        return out

    def hopped(self, product: Tensor) -> Tensor:
        """Return P R for products (Z, M, rows, parts, H)."""
        batch, members, rows, parts, hidden = product.shape
        column = torch.cat([self.mixed[part] for part in self.parts], dim=1)
        flat = product.reshape(batch, members * rows, parts * hidden)
        out = torch.zeros_like(product)
        out[..., 0, :] = torch.bmm(flat, column).reshape(batch, members, rows, hidden)
        return out


def step_at(factors: Factors, times: Tensor) -> Step:
    """Return J at one time per window (zero-based), for all models; windows vary fastest in Z = B·windows."""

    def pick(diagonal: Tensor) -> Tensor:
        return diagonal[times].transpose(0, 1).flatten(0, 1)

    matrices = factors.matrices.repeat_interleave(len(times), dim=0)
    shape = (matrices.shape[0], factors.hidden, factors.hidden)
    mixed = {part: torch.zeros(shape, dtype=matrices.dtype, device=matrices.device) for part in factors.parts}
    for (part, gate), diagonal in factors.mix.items():
        mixed[part] += pick(diagonal)[:, :, None] * matrices[:, factors.gates.index(gate)]
    return Step(factors.parts, {key: pick(value) for key, value in factors.carry.items()}, mixed)


def profile(factors: Factors, ends: list[int], lags: int, hops: int = 8) -> dict[str, Tensor]:
    """Return log₁₀ Frobenius norms of the lag Jacobian for every lag 1 ... ``lags``.

    Args:
        factors: one-step Jacobians of B models over T steps.
        ends: the windows' last steps t, counted from 1, each at least ``lags`` and at most T.
        lags: the largest lag k.
        hops: the largest number of recurrent matrices that is told apart.

    Returns:
        Tensors (lags, B, windows) in float64, -inf where a product is exactly zero, by name: ``norm`` for the whole
        state, ``h_to_h``, ``h_to_c`` ... for its blocks (from old part to new part), ``hop_0`` ... ``hop_<n>`` and
        ``hop_rest`` for the paths by number of recurrent matrices, ``carry_c_to_c`` ... for the blocks of ``hop_0``
        between equal parts.

    Raises:
        ValueError: if a window does not reach back ``lags`` steps or ends after the last step.
    """
    if min(ends) < lags or max(ends) > factors.steps:
        raise ValueError(f"windows {ends} must end between the largest lag {lags} and the last step {factors.steps}")
    stack, rows = start(factors, len(ends), hops), []
    last = torch.tensor(ends, device=factors.matrices.device) - 1
    for lag in range(lags):
        stack = advance(stack, step_at(factors, last - lag))
        rows.append(_norms(stack, factors.parts, hops))
    models = factors.matrices.shape[0]
    return {name: torch.stack([row[name] for row in rows]).unflatten(1, (models, len(ends))) for name in rows[0]}


def advance(stack: Scaled, step: Step) -> Scaled:
    """Go one step further back with the whole stack; members are total, hop 0 ... n, rest.

    The mantissa is (Z, M, S, S).
    """
    split = stack.mantissa.unflatten(-1, (len(step.parts), -1))
    carried = Scaled(step.carried(split).flatten(-2), stack.exponent)
    hopped = Scaled(step.hopped(split).flatten(-2), stack.exponent)
    return carried + _one_hop_up(hopped)


def _one_hop_up(hopped: Scaled) -> Scaled:
    """Move each hop's R-product to the member that it belongs to: total to total, r to r + 1, n and rest to rest."""
    total, hop, rest = (_members(hopped, part) for part in (slice(0, 1), slice(1, -1), slice(-1, None)))
    above = _members(hop, slice(0, -1))
    overflow = rest + _members(hop, slice(-1, None))
    nothing = Scaled(torch.zeros_like(total.mantissa), torch.full_like(total.exponent, -torch.inf))
    members = (total, nothing, above, overflow)
    return Scaled(torch.cat([m.mantissa for m in members], 1), torch.cat([m.exponent for m in members], 1))


def _members(stack: Scaled, which: slice) -> Scaled:
    return Scaled(stack.mantissa[:, which], stack.exponent[:, which])


def start(factors: Factors, windows: int, hops: int) -> Scaled:
    """Return the stack at lag 0, (B·windows, hops + 3, S, S): total and hop 0 are the identity, the others zero."""
    size = factors.hidden * len(factors.parts)
    matrices = factors.matrices
    batch = matrices.shape[0] * windows
    mantissa = torch.zeros(batch, hops + 3, size, size, dtype=matrices.dtype, device=matrices.device)
    mantissa[:, :2] = torch.eye(size, dtype=matrices.dtype, device=matrices.device)
    return Scaled.of(mantissa)


def spectral_profile(factors: Factors, ends: list[int], lags: int) -> dict[str, Tensor]:
    """Return log₁₀ of the largest singular values of the lag Jacobian and of its h→h block, by plain SVD.

    Arguments as :func:`profile`. Tensors (lags, B, windows) in float64: ``spectral``, ``spectral_h_to_h``, and
    ``spectral_residual``, which is zero: an SVD is right to the last digits.
    """
    stack, rows, hidden = start(factors, len(ends), hops=0), [], factors.hidden
    last = torch.tensor(ends, device=factors.matrices.device) - 1
    for lag in range(lags):
        stack = advance(stack, step_at(factors, last - lag))
        whole, scale = stack.mantissa[:, 0].double(), stack.exponent[:, 0]
        block = Scaled(whole[:, :hidden, :hidden], scale).rescaled()
        rows.append(torch.stack([_log_spectral(Scaled(whole, scale)), _log_spectral(block), torch.zeros_like(scale)]))
    found = torch.stack(rows).unflatten(2, (factors.matrices.shape[0], len(ends)))
    return dict(zip(SPECTRAL, found.unbind(1), strict=True))


def _log_spectral(product: Scaled) -> Tensor:
    """Return log₁₀ of the largest singular value, (Z,); NaN where the product is not finite, -inf where it is zero."""
    finite = product.mantissa.isfinite().all(-1).all(-1)
    safe = torch.where(finite[:, None, None], product.mantissa, 0.0)
    norm = torch.linalg.matrix_norm(safe, 2).log10() + product.exponent * LOG10_2
    return torch.where(finite, norm, torch.nan)


def _norms(stack: Scaled, parts: tuple[str, ...], hops: int) -> dict[str, Tensor]:
    total, carry = _members(stack, slice(0, 1)), _members(stack, slice(1, 2))
    whole = stack.log10_norm()
    out = {"norm": whole[:, 0]}
    out |= {f"{old}_to_{new}": _block(total, parts, new, old) for new in parts for old in parts}
    out |= {f"hop_{r}": whole[:, 1 + r] for r in range(hops + 1)}
    out["hop_rest"] = whole[:, -1]
    out |= {f"carry_{part}_to_{part}": _block(carry, parts, part, part) for part in parts}
    return out


def _block(product: Scaled, parts: tuple[str, ...], new: str, old: str) -> Tensor:
    """Return log₁₀ of the norm of the block from part ``old`` to part ``new``, (Z,)."""
    blocks = product.mantissa.unflatten(-2, (len(parts), -1)).unflatten(-1, (len(parts), -1))
    block = blocks[..., parts.index(new), :, parts.index(old), :]
    # Rescaled by itself: the squares of a block that is 1e-170 of the whole would be zero.
    return Scaled(block, product.exponent).rescaled().log10_norm()[:, 0]
