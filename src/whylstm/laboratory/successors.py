"""The recurrences that came after the article, at their start: how far the gradient reaches, and by which paths.

A path of a plain cell passes recurrent matrices (*hops*); one of a recurrence with a matrix state is turned by the rank
one that its input says (*mixings*). Both are counted alike: the Jacobian of the whole state over k steps, whole, by no
and by one hop or mixing. Inputs at several scales stand for starts and for trained networks with larger weights.
"""

from __future__ import annotations

import pandas as pd
import torch

from whylstm import matrix_cells
from whylstm.gradients import matrix
from whylstm.gradients.profile import profile
from whylstm.laboratory._matrix import stacked, start
from whylstm.laboratory._networks import biases, networks, noise
from whylstm.laboratory.base import Experiment


def successors(
    seed: int, cell: list[str], matrix_cell: list[str], input_scale: list[float], forget_bias: list[float],
    hidden: int, keys: int, lags: int, replicates: int,
) -> pd.DataFrame:  # fmt: skip
    """Return log₁₀ ‖G_{t,k}‖_F, whole and by hops or mixings, at every lag k = 1 … ``lags``.

    Args:
        seed: the study's seed.
        cell: names of plain cells, at a gain of one.
        matrix_cell: names of recurrences with a matrix state, whose heads share ``hidden`` values.
        input_scale: factors of the noise that drives them.
        forget_bias: values of b_f, for those that have one.
        hidden: H of plain cells; heads times keys of the others.
        keys: K = V of a head, a divisor of ``hidden`` or larger than it for one head.
        lags: largest lag; the run is half as long again.
        replicates: networks per setting.
    """
    inputs, frames = noise(lags * 3 // 2, replicates, seed), []
    for scale in input_scale:
        for name in cell:
            for bias in biases(name, forget_bias):
                steps = networks(name, hidden, inputs * scale, seed, 1.0, bias).factors
                found = profile(steps, [steps.steps], lags, 1)
                norms = {"whole": found["norm"], "none": found["hop_0"], "one": found["hop_1"]}
                where = {"recurrence": name, "family": "cells", "forget_bias": bias, "input_scale": scale}
                frames.append(_frame(where, {key: value[..., 0] for key, value in norms.items()}))
        for name in matrix_cell:
            gated = matrix_cells.load(name).carry_drive is not None
            for bias in forget_bias if gated else [None]:
                norms = _matrix_norms(name, torch.from_numpy(inputs * scale), hidden, keys, lags, seed, bias)
                where = {"recurrence": name, "family": "matrix_cells", "forget_bias": bias, "input_scale": scale}
                frames.append(_frame(where, norms))
    return pd.concat(frames, ignore_index=True)


def _matrix_norms(
    name: str, inputs: torch.Tensor, hidden: int, keys: int, lags: int, seed: int, bias: float | None
) -> dict[str, torch.Tensor]:
    """Return the norms over all heads and columns of every replicate, each (lags, R)."""
    recurrence, heads = matrix_cells.load(name), max(1, hidden // keys)
    drawn = [
        start(recurrence, heads, keys, keys, inputs.shape[2], seed, replicate, bias or 0.0)
        for replicate in range(len(inputs))
    ]
    weights = stacked(drawn)
    step = matrix.steps(recurrence, weights, matrix.drives(recurrence, weights, inputs[:, None]))
    found = matrix.mixing_profile(step, inputs.shape[1], lags, 1)
    chosen = {"whole": found["norm"], "none": found["carry"], "one": found["mixing_1"]}
    # log₁₀ of the root of the sum over heads of C ‖P‖²
    columns = torch.tensor(float(recurrence.columns(keys)), dtype=torch.float64).log10()
    base = torch.tensor(10.0, dtype=torch.float64).log()
    return {key: ((2 * value[:, :, 0] * base).logsumexp(-1) / base + columns) / 2 for key, value in chosen.items()}


def _frame(where: dict, norms: dict[str, torch.Tensor]) -> pd.DataFrame:
    """Return a row for every lag and replicate, from norms (lags, R) by name."""
    lags, replicates = norms["whole"].shape
    columns = {f"log10_{name}": value.T.flatten().numpy() for name, value in norms.items()}
    rows = pd.DataFrame({**where, "replicate": [r for r in range(replicates) for _ in range(lags)], **columns})
    rows.insert(5, "lag", list(range(1, lags + 1)) * replicates)
    return rows.astype({"forget_bias": "float64"})


EXPERIMENT = Experiment(
    sentence="How far does the gradient of later recurrences reach at their start, and by which paths?",
    function=successors,
    settings={
        "cell": [
            "tanh", "lstm", "gru", "slstm", "minlstm", "mingru", "lru", "rglru", "mamba", "linoss", "linoss_imex",
            "para_lstm", "para_gru",
        ],
        "matrix_cell": [
            "gla", "mamba2", "mlstm", "deltanet", "gated_deltanet", "deltanet_signed", "rwkv7",
        ],
        "input_scale": [1.0, 5.0],
        "forget_bias": [0.0, 4.0],
        "hidden": 32,
        "keys": 8,
        "lags": 100,
        "replicates": 10,
    },
    limits={"lags": {"minimum": 2}, "keys": {"maximum": 256}, "input_scale": {"minimum": 0}},
)  # fmt: skip
"""The cells stand in the order of their years."""
