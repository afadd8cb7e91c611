"""Singular spectra of the lag Jacobian: in how many directions does the past stay visible?"""

from __future__ import annotations

import math

import pandas as pd

from whylstm.gradients.spectrum import Spectrum, spectrum
from whylstm.laboratory._networks import biases, networks, noise
from whylstm.laboratory.base import Experiment


def spectra(
    seed: int, cell: list[str], gain: float, forget_bias: list[float], hidden: int, lags: list[int], replicates: int
) -> pd.DataFrame:
    """Return every singular value (log₁₀) of G_{t,k} at chosen lags, with effective rank and condition number.

    Args:
        seed: the study's seed.
        cell: names of cells.
        gain: σ_w.
        forget_bias: values of b_f, for cells with a carry gate.
        hidden: H.
        lags: the lags k; the run is half as long again as the largest.
        replicates: networks per cell.
    """
    length = max(lags) * 3 // 2
    inputs, rows = noise(length, replicates, seed), []
    for name in cell:
        for bias in biases(name, forget_bias):
            jacobians = networks(name, hidden, inputs, seed, gain, bias).factors
            rows += [
                {"cell": name, "forget_bias": bias, "lag": lag, **row}
                for lag in lags
                for row in _rows(spectrum(jacobians, length, lag))
            ]
    return pd.DataFrame(rows).astype({"forget_bias": "float64"})


def _rows(found: Spectrum) -> list[dict[str, float]]:
    """Return a row per replicate and singular value, the facts of the whole spectrum on each."""
    facts = {"change": found.change, "effective_rank": found.effective_rank, "log10_condition": found.condition}
    return [
        {"replicate": replicate, "index": i + 1, "log10_value": float(value) / math.log(10)}
        | {name: float(values[replicate]) for name, values in facts.items()}
        for replicate, logs in enumerate(found.log)
        for i, value in enumerate(logs)
    ]


EXPERIMENT = Experiment(
    sentence="How many directions of the past does the gradient still see?",
    function=spectra,
    settings={
        "cell": ["tanh", "lstm", "gru"],
        "gain": 1.0,
        "forget_bias": [1.0, 4.0],
        "hidden": 32,
        "lags": [1, 3, 10, 30, 100],
        "replicates": 10,
    },
)
