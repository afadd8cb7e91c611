"""Recurrences with a matrix state: their run, and products of their steps, which are K × K whatever the state's width.

    S_t = A_t S_{t-1} + k_t v_tᵀ,   A_t = D(a_t) + u_t w_tᵀ

The Jacobian of S over k steps is A_t ... A_{t-k+1} on each of the C columns, so its Frobenius norm is √C times that of
this product. With a marker z on u wᵀ the product is a sum over the number r of mixings, as over hops in plain cells:

    whole       P' = P D(a) + (P u) wᵀ
    r mixings   P_r' = P_r D(a) + (P_{r-1} u) wᵀ,   P_0 = Π D(a), the carry

A step costs K² multiplications and not K³, as A is never formed. Every product has a scale of its own, so that neither
1e-1000 nor 1e+1000 is lost.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import fields, replace

import torch
from torch import Tensor

from whylstm.matrix_cells.base import MatrixCell, Size, Step

Weights = Mapping[str, Tensor]

NOWHERE = -1e300
"""The log₁₀ of the scale of a product that is zero."""


def sizes(keys: int, values: int) -> dict[Size, int]:
    """Return how many numbers a head has, by what they are for."""
    return {"key": keys, "value": values, "one": 1}


def drives(cell: MatrixCell, weights: Weights, inputs: Tensor) -> dict[str, Tensor]:
    """Return every drive W x + b, (B, N, T, M, K), (…, V) or (…, 1).

    Args:
        cell: the recurrence.
        weights: of B models with M heads: ``W.name`` (B, M, size, D) and ``b.name`` (B, M, size) for every drive, and
            the extras (B, M, size).
        inputs: (B, N, T, D), in the dtype of the weights.
    """
    found = {}
    for name in cell.drives:
        matrix = weights[f"W.{name}"]
        flat = inputs @ matrix.flatten(1, 2).mT[:, None]
        found[name] = flat.unflatten(-1, matrix.shape[1:3]) + weights[f"b.{name}"][:, None, None]
    return found


def steps(cell: MatrixCell, weights: Weights, drive: Mapping[str, Tensor]) -> Step:
    """Return what every input does to every head, from the drives: fields (B, N, T, M, ...)."""
    return cell.step(drive, {name: weights[name][:, None, None] for name in cell.extras})


def states(step: Step) -> Tensor:
    """Return S from the zero state to the last, (T + 1, B, N, M, K, C)."""
    state = step.key.new_zeros(*step.key.shape[:2], *step.key.shape[3:], step.value.shape[-1])
    found = [state]
    for one in unbound(step):
        found.append(one.advance(found[-1]))
    return torch.stack(found)


def run(cell: MatrixCell, weights: Weights, inputs: Tensor) -> Tensor:
    """Return the outputs y, (B, N, T, M, V), from the zero state; arguments as :func:`drives`."""
    drive = drives(cell, weights, inputs)
    step = steps(cell, weights, drive)
    after = states(step)[1:].movedim(0, 2)
    return cell.read(after, step.query, drive)


def unbound(step: Step) -> list[Step]:
    """Return a step for each time, from fields (B, N, T, ...) to (B, N, ...)."""
    pieces = {field.name: value.unbind(2) for field in fields(step) if (value := getattr(step, field.name)) is not None}
    return [replace(step, **dict(zip(pieces, values, strict=True))) for values in zip(*pieces.values(), strict=True)]


def mixing_profile(step: Step, end: int, lags: int, mixings: int) -> dict[str, Tensor]:
    """Return log₁₀ ‖A_t ... A_{t-k+1}‖_F for k = 1 ... ``lags``, whole and by the number of mixings, (lags, B, N, M).

    The norm of the Jacobian of a state with C columns is √C times that: add ½ log₁₀ C.

    Args:
        step: what every input does, fields (B, N, T, M, ...).
        end: the last step t, counted from 1.
        lags: the largest lag, at most t.
        mixings: the largest number r that is told apart.

    Returns:
        ``norm``, ``carry`` (r = 0), ``mixing_1`` ... and ``mixing_rest``, -inf where there is no such path.

    Raises:
        ValueError: if the window does not reach back ``lags`` steps.
    """
    if not 1 <= lags <= end <= step.key.shape[2]:
        raise ValueError(f"lags {lags} must be 1 to {end}, and the end {end} at most {step.key.shape[2]} steps")
    names = ["norm", "carry", *(f"mixing_{r}" for r in range(1, mixings + 1)), "mixing_rest"]
    past = unbound(step)[end - lags : end]
    eye = torch.eye(step.key.shape[-1], dtype=step.key.dtype).expand(*past[0].key.shape, -1)
    zero = torch.zeros_like(eye)
    # whole, 0 … n mixings, the rest; each a mantissa and the log₁₀ of its scale, (n + 3, B, N, M)
    products = torch.stack([eye, eye, *[zero] * (mixings + 1)])
    scale = torch.full(products.shape[:-2], NOWHERE, dtype=products.dtype)
    scale[:2] = 0
    found = []
    for one in reversed(past):
        products, scale = _back(products, scale, one)
        norm = torch.linalg.vector_norm(products, dim=(-2, -1))
        found.append(scale + norm.log10())
        safe = torch.where(norm > 0, norm, 1.0)
        # A product that is still zero has no scale of its own: far below all others, so that it takes its source's.
        products, scale = products / safe[..., None, None], torch.where(norm > 0, scale + safe.log10(), NOWHERE)
    stacked = torch.stack(found)
    return {name: stacked[:, place] for place, name in enumerate(names)}


def _back(products: Tensor, scale: Tensor, one: Step) -> tuple[Tensor, Tensor]:
    """Return all products one step further back, with their scales."""
    kept = products * one.carry[..., None, :]
    if one.left is None or one.right is None:
        return kept, scale
    turned = (products @ one.left[..., None]) * one.right[..., None, :]  # P u wᵀ
    below = torch.full_like(scale, NOWHERE)  # the scale of what comes from the product with one mixing less
    below[2:] = scale[1:-1]
    new = torch.maximum(scale, below)
    own = kept.clone()
    own[0] += turned[0]
    own[-1] += turned[-1]  # what has more mixings than are told apart keeps them
    from_below = torch.zeros_like(turned)
    from_below[2:] = turned[1:-1]
    return own * _power(scale - new) + from_below * _power(below - new), new


def _power(exponent: Tensor) -> Tensor:
    """Return ten to the exponent, for products (..., K, K)."""
    return (10.0**exponent)[..., None, None]


def exponents(step: Step, burn_in: int = 0) -> Tensor:
    """Return the Lyapunov exponents of A_t, nats per step, largest first, (B, N, M, K): QR along the product."""
    frame = torch.eye(step.key.shape[-1], dtype=step.key.dtype).expand(*step.key[:, :, 0].shape, -1)
    growths = []
    for one in unbound(step):
        moved = replace(one, key=torch.zeros_like(one.key), value=one.key[..., :1].expand_as(one.key)).advance(frame)
        frame, triangle = torch.linalg.qr(moved)
        growths.append(triangle.diagonal(dim1=-2, dim2=-1).abs().log())
    return torch.stack(growths[burn_in:]).mean(0).sort(-1, descending=True).values


def half_lives(step: Step) -> Tensor:
    """Return ln 2 / -mean ln a of every key's carry over the run, in steps, (B, N, M, K); inf where nothing fades."""
    fading = -step.carry.log().mean(2)
    return torch.where(fading > 0, math.log(2) / fading, torch.inf)
