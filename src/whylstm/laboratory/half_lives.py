"""How long the direct path lasts: half-lives of single units under a forget bias, and under chrono initialisation."""

from __future__ import annotations

import numpy as np
import pandas as pd
import torch

from whylstm import cells, initialisations
from whylstm.gradients.factors import step_coefficients
from whylstm.gradients.trajectory import run
from whylstm.laboratory._networks import noise
from whylstm.laboratory.base import Experiment


def half_lives(
    seed: int, forget_bias: list[float], t_max: list[int], input_scale: list[float], hidden: int, length: int,
    gain: float, replicates: int,
) -> pd.DataFrame:  # fmt: skip
    """Return one row per LSTM unit: the mean of ln f over the run, the half-life, and f^T_max of the mean f.

    Args:
        seed: the study's seed.
        forget_bias: values of b_f (law ``constant``).
        t_max: values of T_max (law ``chrono``: b_f = ln U(1, T_max - 1)).
        input_scale: values of σ_x; at 0 nothing drives the gates, which then stand where their biases put them.
        hidden: H.
        length: steps of the run, driven by noise.
        gain: σ_w.
        replicates: networks per setting.
    """
    inputs, rows = noise(length, replicates, seed), []
    settings = [("constant", value) for value in forget_bias] + [("chrono", value) for value in t_max]
    for law, value in settings:
        for scale in input_scale:
            for replicate in range(replicates):
                log_f = _mean_log_forget(law, value, scale, hidden, inputs[replicate], seed, replicate, gain)
                kept = np.exp(log_f * value) if law == "chrono" else np.full(hidden, np.nan)
                where = {"law": law, "setting": float(value), "input_scale": scale, "replicate": replicate}
                each = {"log_forget": log_f, "half_life": np.log(2) / -log_f, "kept_at_t_max": kept}
                rows.append(pd.DataFrame({**where, "unit": range(hidden), **each}))
    return pd.concat(rows, ignore_index=True)


def _mean_log_forget(
    law: str, value: float, scale: float, hidden: int, inputs: np.ndarray, seed: int, replicate: int, gain: float
) -> np.ndarray:
    """Return the mean of ln f over time for every unit, (H,), nats per step."""
    cell = cells.load("lstm")
    fields = {"forget_bias": value} if law == "constant" else {"t_max": value}
    drawn = initialisations.weights(
        {"constant": "gaussian", "chrono": "chrono"}[law], cell, hidden=hidden, features=inputs.shape[1], seed=seed,
        replicate=replicate, gain=gain, input_scale=scale, **fields,
    )  # fmt: skip
    weights = {key: torch.from_numpy(np.asarray(tensor))[None] for key, tensor in drawn.items()}
    trajectory = run(cell, weights, torch.from_numpy(inputs)[None, None])
    return step_coefficients(cell, trajectory).carry["c", "c"][:, 0, 0].log().mean(0).numpy()


EXPERIMENT = Experiment(
    sentence="How long does a unit's direct path last?",
    function=half_lives,
    settings={
        "forget_bias": [-2.0, 0.0, 1.0, 2.0, 4.0, 6.0],
        "t_max": [50, 200, 800],
        "input_scale": [0.0, 1.0],
        "hidden": 64,
        "length": 300,
        "gain": 1.0,
        "replicates": 10,
    },
    limits={"t_max": {"minimum": 3}},
)
