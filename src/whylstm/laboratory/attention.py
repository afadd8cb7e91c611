"""Attention against recurrence: how an output depends on the input k steps before, with and without steps between.

For a recurrent cell ∂h_t/∂x_{t-k} passes k Jacobians; for causal attention it passes none, and its size at lag k is
that of an attention weight. Norms are of the output with respect to the input, since attention has no state.
"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from whylstm.gradients.attention import attention_profile
from whylstm.gradients.inputs import input_profile
from whylstm.laboratory._networks import biases, network, noise
from whylstm.laboratory.base import Experiment
from whylstm.streams import stream


def attention(
    seed: int, cell: list[str], gain: float, forget_bias: list[float], hidden: int, lags: int, replicates: int
) -> pd.DataFrame:
    """Return log₁₀ ‖∂y_t/∂x_{t-k}‖_F for every lag k = 1 ... ``lags`` of every cell, and of ``attention``.

    Args:
        seed: the study's seed.
        cell: names of recurrent cells.
        gain: σ_w of the cells; attention's matrices have unit gain.
        forget_bias: values of b_f, for cells with a carry gate.
        hidden: H, of the cells and of attention's queries, keys and values.
        lags: largest lag; the run is half as long again.
        replicates: networks of each kind.
    """
    length = lags * 3 // 2
    inputs, rows = noise(length, replicates, seed), []
    for replicate in range(replicates):
        found = {("attention", math.nan): _attention_norms(inputs[replicate], hidden, lags, seed, replicate)}
        for name in cell:
            for bias in biases(name, forget_bias):
                net = network(name, hidden, inputs[replicate], seed, replicate, gain, bias)
                norms = input_profile(net.cell, net.weights, net.trajectory, net.factors, length, lags)[:, 0]
                found[name, math.nan if bias is None else bias] = norms
        for (kind, bias), values in found.items():
            where = {"kind": kind, "forget_bias": bias, "replicate": replicate, "lag": range(1, lags + 1)}
            rows.append(pd.DataFrame({**where, "log10_norm": values.numpy()}))
    return pd.concat(rows, ignore_index=True)


def _attention_norms(inputs: np.ndarray, hidden: int, lags: int, seed: int, replicate: int) -> Tensor:
    """Return the norms of one attention head with N(0, 1/D) matrices, (lags,)."""
    features = inputs.shape[1]
    draws = stream(seed, "attention", hidden=hidden, features=features, replicate=replicate)
    matrices = torch.from_numpy(draws.standard_normal((3, 1, hidden, features)) / features**0.5)
    weights = dict(zip(("Q", "K", "V"), matrices, strict=True))
    return attention_profile(weights, torch.from_numpy(inputs)[None, None], [len(inputs)], lags)[:, 0, 0]


EXPERIMENT = Experiment(
    sentence="How much of an old input still reaches the output, with and without steps between?",
    function=attention,
    settings={
        "cell": ["tanh", "lstm", "gru", "minlstm"],
        "gain": 1.0,
        "forget_bias": [1.0, 4.0],
        "hidden": 32,
        "lags": 150,
        "replicates": 10,
    },
    limits={"lags": {"minimum": 2}},
)
