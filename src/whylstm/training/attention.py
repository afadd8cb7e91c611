"""Loss and gradient of attention, written out; the equations stand in :mod:`whylstm.readers.attention`.

One model after the other, so that no digit of one depends on the others. Shapes, for one model: N sequences, T steps,
A answers a sequence, H units; queries are asked at the steps of the answers alone.

    backward, with g = ∂E/∂h:   ∂E/∂v_s = Σ a_ts g_t        ∂E/∂a_ts = g_t · v_s
    p_ts = a_ts (∂E/∂a_ts - Σ_s a_ts ∂E/∂a_ts) / √H
    ∂E/∂q_t = R_tᵀ Σ_s p_ts R_s k_s                         ∂E/∂k_s = R_sᵀ Σ_t p_ts R_t q_t
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from whylstm.training import readout
from whylstm.training.bptt import Gradient
from whylstm.training.ensemble import Ensemble
from whylstm.training.products import product
from whylstm.training.sequences import Sequences

BASE = 10_000.0
Named = dict[str, Tensor]


@dataclass(frozen=True)
class Looked:
    """One model's look at N sequences.

    Attributes:
        embedded: e, (N, T, H).
        query, key: R_t q_t (N, A, H) and R_s k_s (N, T, H).
        value: v, (N, T, H).
        weight: a_ts, (N, A, T).
        output: h at the answers, (N, A, H).
    """

    embedded: Tensor
    query: Tensor
    key: Tensor
    value: Tensor
    weight: Tensor
    output: Tensor


def gradient(ensemble: Ensemble, sequences: Sequences, keep: np.ndarray | None = None) -> Gradient:
    """Return loss and gradient of every model, as :func:`whylstm.training.bptt.gradient` does.

    There are no h-edges to cut, so that ``keep`` changes nothing; and no steps between which Ω could compare.
    """
    models = [{name: value[place] for name, value in ensemble.weights.items()} for place in range(ensemble.size)]
    inputs = [sequences.inputs[batch] for batch in sequences.reader]
    when = [torch.from_numpy(sequences.when[batch]) for batch in sequences.reader]
    looks = [look(*one) for one in zip(models, inputs, when, strict=True)]
    states = torch.stack([found.output.flatten(0, 1) for found in looks])
    losses, slope = readout.loss(readout.outputs(ensemble.weights, states), sequences)
    rows = torch.zeros_like(ensemble.rows)
    views = ensemble.layout.views(rows)
    views["V"].copy_(product(slope.transpose(1, 2), states))
    views["v"].copy_(torch.stack([_sum(rows) for rows in slope]))
    pulled = product(slope, ensemble.weights["V"].contiguous())
    for place, (weights, found) in enumerate(zip(models, looks, strict=True)):
        back = _backward(weights, found, pulled[place].view_as(found.output), inputs[place], when[place])
        for name, value in back.items():
            views[name][place].copy_(value)
    return Gradient(losses, rows, np.full(ensemble.size, np.nan))


def outputs(ensemble: Ensemble, inputs: Tensor, when: np.ndarray) -> np.ndarray:
    """Return every model's readout on the same sequences; as :func:`whylstm.training.engine.outputs`."""
    found = []
    for place in range(ensemble.size):
        weights = {name: value[place] for name, value in ensemble.weights.items()}
        states = look(weights, inputs, torch.from_numpy(when)).output
        values = readout.outputs({name: weights[name][None] for name in ("V", "v")}, states.flatten(0, 1)[None])
        found.append(values[0].unflatten(0, when.shape).numpy())
    return np.stack(found)


def look(weights: Named, inputs: Tensor, when: Tensor) -> Looked:
    """Return what one model sees.

    Args:
        weights: W (1, H, D), b (1, H), U (3, H, H) and c (3, H).
        inputs: (N, T, D).
        when: (N, A), the steps (from 0) at which it is asked.
    """
    embedded = _mapped(inputs, weights["W"][0], weights["b"][0]).tanh()
    asking = _at(embedded, when)
    query, key, value = (
        _mapped(read, weights["U"][place], weights["c"][place])
        for place, read in enumerate((asking, embedded, embedded))
    )
    query, key = turned(query, when), turned(key, torch.arange(inputs.shape[1]).expand(key.shape[:2]))
    scores = product(query, key.mT) / math.sqrt(key.shape[-1])
    future = torch.arange(inputs.shape[1]) > when[..., None]
    weight = scores.masked_fill(future, -math.inf).softmax(-1)
    return Looked(embedded, query, key, value, weight, product(weight, value))


def turned(vectors: Tensor, steps: Tensor, sign: int = 1) -> Tensor:
    """Return R_t x for vectors (N, M, H) and their steps (N, M), or R_tᵀ x with ``sign`` -1; an odd last unit stays."""
    units = vectors.shape[-1]
    pairs = torch.arange(units // 2, dtype=torch.float64)
    angle = steps.double()[..., None] * BASE ** (-2 * pairs / units)
    cos, sin = angle.cos().to(vectors.dtype), (sign * angle.sin()).to(vectors.dtype)
    even, odd = vectors[..., 0 : 2 * len(pairs) : 2], vectors[..., 1::2]
    both = torch.stack([cos * even - sin * odd, sin * even + cos * odd], dim=-1).flatten(-2)
    return torch.cat([both, vectors[..., 2 * len(pairs) :]], dim=-1)


def input_profile(weights: Named, inputs: Tensor, lags: int) -> Tensor:
    """Return log₁₀ ‖∂h_T/∂x_{T-k}‖_F for the last step T and k = 1 ... ``lags``, (lags,) float64.

    ∂h_T/∂x_s = a_Ts (U_v + (v_s - h_T) (R_sᵀ R_T q_T)ᵀ U_k / √H) D(1 - e_s²) W for s < T; a_Ts as a logarithm.

    Args:
        weights: as :func:`look`, float64.
        inputs: (1, T, D).
        lags: the largest lag, below T.
    """
    steps, hidden = inputs.shape[1], weights["U"].shape[-1]
    seen = look(weights, inputs, torch.tensor([[steps - 1]]))
    towards = turned(seen.query.expand(1, steps, -1), torch.arange(steps)[None], -1)[0] / math.sqrt(hidden)
    centred = (seen.value - seen.output)[0]
    reached = weights["U"][2] + centred[:, :, None] * (towards @ weights["U"][1])[:, None, :]
    jacobian = (reached * (1 - seen.embedded[0] ** 2)[:, None, :]) @ weights["W"][0]
    scores = (seen.query @ seen.key.mT)[0, 0] / math.sqrt(hidden)
    norms = scores.log_softmax(-1) / math.log(10) + torch.linalg.vector_norm(jacobian, dim=(-2, -1)).log10()
    return norms[-1 - lags : -1].flip(0)


def _backward(weights: Named, found: Looked, pulled: Tensor, inputs: Tensor, when: Tensor) -> Named:
    """Return the gradient of one model's own tensors, from ∂E/∂h at the answers (N, A, H)."""
    slope = product(pulled, found.value.mT)
    slope = found.weight * (slope - (found.weight * slope).sum(-1, keepdim=True)) / math.sqrt(pulled.shape[-1])
    everywhere = torch.arange(inputs.shape[1]).expand(len(inputs), -1)
    back = {
        "q": turned(product(slope, found.key), when, -1),
        "k": turned(product(slope.mT, found.query), everywhere, -1),
        "v": product(found.weight.mT, pulled),
    }
    read = {"q": _at(found.embedded, when), "k": found.embedded, "v": found.embedded}
    embedded = product(back["k"], weights["U"][1]) + product(back["v"], weights["U"][2])
    embedded[torch.arange(len(when))[:, None], when] += product(back["q"], weights["U"][0])
    drive = _flat(embedded * (1 - found.embedded**2))
    return {
        "U": torch.stack([product(_flat(back[name]).T, _flat(read[name])) for name in back]),
        "c": torch.stack([_sum(_flat(back[name])) for name in back]),
        "W": product(drive.T, _flat(inputs))[None],
        "b": _sum(drive)[None],
    }


def _mapped(vectors: Tensor, matrix: Tensor, bias: Tensor) -> Tensor:
    """Return M x + b for vectors (N, M, K)."""
    return (product(_flat(vectors), matrix.T) + bias).unflatten(0, vectors.shape[:2])


def _at(vectors: Tensor, when: Tensor) -> Tensor:
    """Return the vectors (N, T, H) at some steps (N, A), (N, A, H)."""
    return vectors[torch.arange(len(when))[:, None], when]


def _sum(rows: Tensor) -> Tensor:
    """Return Σ over the rows of (M, X), (X,), as a product with ones: one order of summation."""
    return product(rows.new_ones(1, len(rows)), rows)[0]


def _flat(vectors: Tensor) -> Tensor:
    return vectors.flatten(0, 1)
