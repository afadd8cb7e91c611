"""Interventions: what happens to the gradient when a kind of path is cut, frozen or scrambled?"""

from __future__ import annotations

import itertools

import pandas as pd

from whylstm.gradients.interventions import INTERVENTIONS
from whylstm.gradients.lag_profile import lag_profile
from whylstm.laboratory._networks import biases, network, noise
from whylstm.laboratory.base import Experiment


def interventions(
    seed: int, cell: list[str], gain: list[float], forget_bias: list[float], hidden: int, lags: list[int],
    replicates: int,
) -> pd.DataFrame:  # fmt: skip
    """Return log₁₀ ‖G‖ at chosen lags, untouched (``none``) and after every intervention.

    Args:
        seed: the study's seed; it also keys the random intervention, replicate by replicate.
        cell: names of cells.
        gain: values of σ_w.
        forget_bias: values of b_f, for cells with a carry gate.
        hidden: H.
        lags: the lags k; the run is half as long again as the largest.
        replicates: networks per setting.
    """
    length = max(lags) * 3 // 2
    inputs, rows = noise(length, replicates, seed), []
    for name, value in itertools.product(cell, gain):
        for bias, replicate in itertools.product(biases(name, forget_bias), range(replicates)):
            net = network(name, hidden, inputs[replicate], seed, replicate, value, bias)
            where = {"cell": name, "gain": value, "forget_bias": bias, "replicate": replicate}
            changed = {"none": net.factors}
            changed |= {kind: change(net.factors, seed + replicate) for kind, change in INTERVENTIONS.items()}
            for kind, jacobians in changed.items():
                norms = lag_profile(jacobians, [length], max(lags), hops=0)["norm"][:, 0, 0]
                rows += [
                    {**where, "intervention": kind, "lag": lag, "log10_norm": float(norms[lag - 1])} for lag in lags
                ]
    return pd.DataFrame(rows).astype({"forget_bias": "float64"})


EXPERIMENT = Experiment(
    sentence="Does an intervention on a kind of path do what the decomposition into hops says?",
    function=interventions,
    settings={
        "cell": ["lstm", "gru"],
        "gain": [0.5, 1.0, 2.0, 4.0],
        "forget_bias": [0.0, 2.0, 4.0],
        "hidden": 32,
        "lags": [10, 100],
        "replicates": 10,
    },
)
