"""Lyapunov exponents of the whole state over long runs: the slope of the lag profile, without its finite lag."""

from __future__ import annotations

import pandas as pd

from whylstm.gradients.lyapunov import lyapunov
from whylstm.laboratory._networks import biases, networks, noise
from whylstm.laboratory.base import Experiment


def exponents(
    seed: int, cell: list[str], gain: list[float], forget_bias: list[float], hidden: int, length: int,
    count: int, burn_in: int, replicates: int,
) -> pd.DataFrame:  # fmt: skip
    """Return the largest exponents (nats per step) of every cell, gain, forget bias and replicate.

    Args:
        seed: the study's seed.
        cell: names of cells.
        gain: values of σ_w.
        forget_bias: values of b_f.
        hidden: H.
        length: steps of the run.
        count: exponents per network.
        burn_in: steps that are not counted.
        replicates: networks per setting.
    """
    inputs, rows = noise(length, replicates, seed), []
    for name in cell:
        for value in gain:
            for bias in biases(name, forget_bias):
                found = lyapunov(networks(name, hidden, inputs, seed, value, bias).factors, count, burn_in)
                where = {"cell": name, "gain": value, "forget_bias": bias, "hidden": hidden, "steps": found.steps}
                rows += [
                    {**where, "replicate": replicate, "index": index + 1}
                    | {"value": float(found.value[replicate, index]), "error": float(found.error[replicate, index])}
                    | {"drift": float(found.drift[replicate, index])}
                    for replicate in range(replicates)
                    for index in range(found.value.shape[1])
                ]
    return pd.DataFrame(rows).astype({"forget_bias": "float64"})


EXPERIMENT = Experiment(
    sentence="Which exponents does the gradient grow or fall with in the long run, and have they converged?",
    function=exponents,
    settings={
        "cell": ["tanh", "lstm", "gru"],
        "gain": [0.25, 0.5, 1.0, 1.5, 2.0, 4.0, 8.0],
        "forget_bias": [0.0, 4.0],
        "hidden": 64,
        "length": 600,
        "count": 2,
        "burn_in": 100,
        "replicates": 10,
    },
)
