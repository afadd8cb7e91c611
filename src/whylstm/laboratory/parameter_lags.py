"""The parameter gradient by lag: from how far back does the gradient that training uses come?"""

from __future__ import annotations

import pandas as pd
import torch

from whylstm.gradients.parameters import contributions, flat, shares
from whylstm.laboratory._networks import Network, biases, network, noise, target
from whylstm.laboratory.base import Experiment


def parameter_lags(
    seed: int, cell: list[str], gain: float, forget_bias: list[float], hidden: int, length: int, replicates: int
) -> pd.DataFrame:
    """Return for every lag its share of dE/dθ (shares sum to 1) and the norm of its contribution (log₁₀).

    The loss is a target at the last step: E = ‖h_T - y‖², so that a share at lag k comes from k steps before the end.

    Args:
        seed: the study's seed.
        cell: names of cells.
        gain: σ_w.
        forget_bias: values of b_f, for cells with a carry gate.
        hidden: H.
        length: steps T.
        replicates: networks, inputs and targets per setting.
    """
    inputs, rows = noise(length, replicates, seed), []
    for name in cell:
        for bias in biases(name, forget_bias):
            for replicate in range(replicates):
                net = network(name, hidden, inputs[replicate], seed, replicate, gain, bias)
                where = {"cell": name, "forget_bias": bias, "replicate": replicate}
                rows.append(_by_lag(net, seed, replicate).assign(**where))
    return pd.concat(rows, ignore_index=True).astype({"forget_bias": "float64"})


def _by_lag(net: Network, seed: int, replicate: int) -> pd.DataFrame:
    steps, hidden = net.inputs.shape[2], net.factors.hidden
    cotangents = torch.zeros(steps, hidden, dtype=torch.float64)
    cotangents[-1] = 2 * (net.trajectory.after[net.cell.parts[0]][-1, 0, 0] - target(hidden, seed, replicate))
    parts = list(contributions(net.cell, net.weights, net.trajectory, net.inputs, cotangents))
    norms = torch.stack([flat(part).norm() for part in parts])
    return pd.DataFrame({"lag": range(steps), "share": shares(parts).numpy(), "log10_norm": norms.log10().numpy()})


EXPERIMENT = Experiment(
    sentence="From how far back does the parameter gradient come?",
    function=parameter_lags,
    settings={
        "cell": ["tanh", "lstm", "gru"],
        "gain": 1.0,
        "forget_bias": [0.0, 4.0],
        "hidden": 32,
        "length": 150,
        "replicates": 10,
    },
)
