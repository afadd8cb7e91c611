"""Causal attention with a single head: every lag is one step away, and there is no product of Jacobians at all.

    a_ts = softmax_{s ≤ t} q_tᵀ k_s / √H,   q, k, v = Q x, K x, V x         (Vaswani et al. 2017, equation 1)
    y_t  = Σ_{s ≤ t} a_ts v_s

One input reaches the output through its own value, its own key and, at lag 0, the query:

    ∂y_t/∂x_s = a_ts (V + (v_s - y_t) q_tᵀ K / √H)
    ∂y_t/∂x_t = the same + Σ_s a_ts (v_s - y_t) k_sᵀ Q / √H

It has no state, so this is a Jacobian with respect to inputs: compare it with ∂h_t/∂x_{t-k} of a recurrent cell. The
weight a_ts is kept as a logarithm, so that a norm of 1e-1000 is a number like any other.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from whylstm.gradients.trajectory import Weights


def attend(weights: Weights, inputs: Tensor) -> Tensor:
    """Return the outputs y of B models, (B, N, T, H).

    Args:
        weights: ``Q``, ``K`` and ``V`` of each model, each (B, H, D).
        inputs: (B, N, T, D), in the dtype of the weights.
    """
    values = inputs @ weights["V"][:, None].mT
    return log_weights(weights, inputs).exp() @ values


def log_weights(weights: Weights, inputs: Tensor) -> Tensor:
    """Return ln a_ts, (B, N, T, T), by t and s; -inf where s > t. Arguments as :func:`attend`."""
    queries, keys = (inputs @ weights[name][:, None].mT for name in ("Q", "K"))
    scores = queries @ keys.mT / math.sqrt(keys.shape[-1])
    future = torch.ones(scores.shape[-2:], dtype=torch.bool, device=scores.device).triu(1)
    return scores.masked_fill(future, -torch.inf).log_softmax(-1)


def jacobian(weights: Weights, inputs: Tensor, end: int, lag: int) -> Tensor:
    """Return ∂y_t/∂x_{t-k}, (B, N, H, D), for t = ``end`` (steps count from 1) and k = ``lag`` from 0 to t - 1."""
    log_weight, rest = _reached(weights, inputs[:, :, :end])
    whole = log_weight[:, :, -1 - lag, None, None].exp() * rest[:, :, -1 - lag]
    return whole + _asked(weights, inputs[:, :, :end]) if lag == 0 else whole


def attention_profile(weights: Weights, inputs: Tensor, ends: list[int], lags: int) -> Tensor:
    """Return log₁₀ ‖∂y_t/∂x_{t-k}‖_F for k = 1 ... ``lags`` along the first sequence of every model.

    Holds one window's Jacobians at a time, T·H·D numbers for each model.

    Args:
        weights: as :func:`attend`.
        inputs: as :func:`attend`.
        ends: the windows' last steps t, counted from 1, each more than ``lags`` and at most T.
        lags: the largest lag.

    Returns:
        (lags, B, windows) in float64.

    Raises:
        ValueError: if a window does not reach back ``lags`` steps or ends after the last step.
    """
    steps = inputs.shape[2]
    if min(ends) <= lags or max(ends) > steps:
        raise ValueError(f"windows {ends} must end after the largest lag {lags} and by the last step {steps}")
    windows = []
    for end in ends:
        log_weight, rest = _reached(weights, inputs[:, :1, :end])
        norm = torch.linalg.vector_norm(rest, dim=(-2, -1), dtype=torch.float64)
        windows.append((log_weight.double() / math.log(10) + norm.log10())[:, 0, -1 - lags : -1].flip(-1))
    return torch.stack(windows, -1).transpose(0, 1)


def _reached(weights: Weights, inputs: Tensor) -> tuple[Tensor, Tensor]:
    """Return ln a_ts (B, N, T) for the last step t, and V + (v_s - y_t) q_tᵀ K / √H for every s, (B, N, T, H, D)."""
    log_weight = log_weights(weights, inputs)[:, :, -1]
    values = inputs @ weights["V"][:, None].mT
    centred = values - log_weight.exp()[:, :, None] @ values
    query = inputs[:, :, -1] @ weights["Q"].mT
    asked = query @ weights["K"] / math.sqrt(query.shape[-1])
    return log_weight, weights["V"][:, None, None] + centred[..., None] * asked[:, :, None, None]


def _asked(weights: Weights, inputs: Tensor) -> Tensor:
    """Return Σ_s a_ts (v_s - y_t) k_sᵀ Q / √H for the last step t, (B, N, H, D): what goes through the query."""
    weight = log_weights(weights, inputs)[:, :, -1].exp()
    keys, values = (inputs @ weights[name][:, None].mT for name in ("K", "V"))
    centred = values - weight[:, :, None] @ values
    return (weight[..., None] * centred).mT @ keys @ weights["Q"][:, None] / math.sqrt(keys.shape[-1])
