"""Singular spectra of the lag Jacobian: in how many directions does the past stay visible?"""

from __future__ import annotations

import pandas as pd

from whylstm.gradients.spectrum import spectrum
from whylstm.laboratory._networks import network, noise
from whylstm.laboratory.base import Experiment


def spectra(
    seed: int, cell: list[str], gain: float, forget_bias: float, hidden: int, lags: list[int], replicates: int
) -> pd.DataFrame:
    """Return every singular value (log₁₀) of G_{t,k} at chosen lags, with effective rank and condition number.

    Args:
        seed: the study's seed.
        cell: names of cells.
        gain: σ_w.
        forget_bias: b_f, where the cell has a carry gate.
        hidden: H.
        lags: the lags k; the run is half as long again as the largest.
        replicates: networks per cell.
    """
    length = max(lags) * 3 // 2
    inputs, rows = noise(length, replicates, seed), []
    for name in cell:
        for replicate in range(replicates):
            net = network(name, hidden, inputs[replicate], seed, replicate, gain, forget_bias)
            for lag in lags:
                found = spectrum(net.factors, length, lag)
                where = {"cell": name, "lag": lag, "replicate": replicate, "change": float(found.change[0])}
                facts = {"effective_rank": float(found.effective_rank[0]), "log10_condition": float(found.condition[0])}
                values = (found.log[0] / LN10).tolist()
                rows += [{**where, "index": i + 1, "log10_value": value, **facts} for i, value in enumerate(values)]
    return pd.DataFrame(rows)


LN10 = 2.302585092994046

EXPERIMENT = Experiment(
    sentence="How many directions of the past does the gradient still see?",
    function=spectra,
    settings={
        "cell": ["tanh", "lstm", "gru"],
        "gain": 1.0,
        "forget_bias": 1.0,
        "hidden": 32,
        "lags": [1, 10, 30, 100],
        "replicates": 5,
    },
)
