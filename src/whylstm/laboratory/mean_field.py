"""Mean-field theory: the growth of the gradient that it predicts, over the grid of gains and forget biases."""

from __future__ import annotations

import pandas as pd

from whylstm import cells
from whylstm.gradients.mean_field import second_moment_growth
from whylstm.laboratory._networks import biases, noise
from whylstm.laboratory.base import Experiment


def mean_field(
    seed: int, cell: list[str], gain: list[float], forget_bias: list[float], length: int, units: int
) -> pd.DataFrame:
    """Return the predicted λ₁ (nats per step) of every cell, gain and forget bias, along the study's first noise input.

    Args:
        seed: the study's seed.
        cell: names of cells.
        gain: values of σ_w.
        forget_bias: values of b_f.
        length: steps of the input.
        units: sampled units; the theory is that of infinitely many.
    """
    inputs = noise(length, 1, seed)[0]
    rows = [
        {"cell": name, "gain": value, "forget_bias": bias, "units": units}
        | {"exponent": second_moment_growth(cells.load(name), value, bias, 1.0, inputs, units=units)}
        for name in cell
        for value in gain
        for bias in biases(name, forget_bias)
    ]
    return pd.DataFrame(rows).astype({"forget_bias": "float64"})


EXPERIMENT = Experiment(
    sentence="How fast should the gradient grow in the limit of many units?",
    function=mean_field,
    settings={
        "cell": ["tanh", "lstm", "gru"],
        "gain": [0.25, 0.5, 1.0, 1.5, 2.0, 4.0, 8.0],
        "forget_bias": [-2.0, 0.0, 1.0, 2.0, 4.0, 6.0],
        "length": 200,
        "units": 1024,
    },
    limits={"length": {"minimum": 51}},  # the first fifty steps are not counted
)
