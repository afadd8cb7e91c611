"""Lyapunov exponents of the whole state over long runs: the slope of the lag profile, without its finite lag.

Each run is measured twice: as it is, and with a random sign for every unit and step on all that passes a recurrent
matrix. Signs change no size; they make one matrix as good as one drawn afresh at each step, as mean-field theory has
it, so that what is left between the two is due to the matrix being the same.
"""

from __future__ import annotations

import dataclasses

import pandas as pd
import torch

from whylstm.gradients.factors import Factors
from whylstm.gradients.lyapunov import Exponents, lyapunov
from whylstm.laboratory._networks import biases, networks, noise
from whylstm.laboratory.base import Experiment
from whylstm.streams import stream


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
                own = networks(name, hidden, inputs, seed, value, bias).factors
                where = {"cell": name, "gain": value, "forget_bias": bias, "hidden": hidden}
                for signs, jacobians in (("own", own), ("random", random_signs(own, seed))):
                    rows += [{**where, "signs": signs, **row} for row in _rows(lyapunov(jacobians, count, burn_in))]
    return pd.DataFrame(rows).astype({"forget_bias": "float64"})


def random_signs(factors: Factors, seed: int) -> Factors:
    """Return the factors with random signs on all that passes a recurrent matrix, of its own for every network."""
    if not factors.mix:  # all is carry: nothing passes a recurrent matrix
        return factors
    like = next(iter(factors.mix.values()))
    draws = stream(seed, "signs of hops", steps=like.shape[0], replicates=like.shape[1], hidden=like.shape[2])
    signs = torch.from_numpy(draws.choice([-1.0, 1.0], like.shape))
    return dataclasses.replace(factors, mix={key: value * signs for key, value in factors.mix.items()})


def _rows(found: Exponents) -> list[dict[str, float]]:
    """Return a row per replicate and exponent."""
    columns = {"value": found.value, "error": found.error, "drift": found.drift}
    return [
        {"replicate": replicate, "index": index + 1, "steps": found.steps}
        | {name: float(values[replicate, index]) for name, values in columns.items()}
        for replicate in range(len(found.value))
        for index in range(found.value.shape[1])
    ]


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
    fits=(("burn_in", "length", 20),),  # two steps for each block of the standard error
)
