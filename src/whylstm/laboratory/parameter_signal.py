"""Signal and noise of the parameter gradient by lag: does a step far back say the same in every sequence?"""

from __future__ import annotations

import pandas as pd
import torch

from whylstm import tasks
from whylstm.gradients.signal import signal_to_noise
from whylstm.gradients.trajectory import run
from whylstm.laboratory._networks import Network, biases, network, target
from whylstm.laboratory.base import Experiment
from whylstm.streams import stream


def parameter_signal(
    seed: int,
    cell: list[str],
    gain: float,
    forget_bias: list[float],
    hidden: int,
    length: int,
    sequences: int,
    replicates: int,
) -> pd.DataFrame:
    """Return for every lag the signal-to-noise ratio of its contribution to dE/dθ over sequences, E[c]²/Var[c].

    The loss is that of ``parameter_lags``: a target of its own for each network, at the last step, E = ‖h_T - y‖².

    Args:
        seed: the study's seed.
        cell: names of cells.
        gain: σ_w.
        forget_bias: values of b_f, for cells with a carry gate.
        hidden: H.
        length: steps T.
        sequences: input sequences per network, at least two, over which mean and variance are taken.
        replicates: networks and targets per setting.
    """
    rows = []
    for name in cell:
        for bias in biases(name, forget_bias):
            for replicate in range(replicates):
                inputs = _inputs(length, sequences, seed, replicate)
                net = network(name, hidden, inputs[0, :1].numpy(), seed, replicate, gain, bias)
                where = {"cell": name, "forget_bias": bias, "sequences": sequences, "replicate": replicate}
                rows.append(_by_lag(net, inputs, seed, replicate).assign(**where))
    return pd.concat(rows, ignore_index=True).astype({"forget_bias": "float64"})


def _inputs(length: int, count: int, seed: int, replicate: int) -> torch.Tensor:
    """Return noise inputs, (count, T, D)."""
    draws = stream(seed, "parameter signal", replicate=replicate)
    return torch.from_numpy(tasks.load("noise").draw(draws, count, length).inputs)


def _by_lag(net: Network, inputs: torch.Tensor, seed: int, replicate: int) -> pd.DataFrame:
    trajectory = run(net.cell, net.weights, inputs[None])
    last = trajectory.after[net.cell.parts[0]][-1, 0]
    cotangents = 2 * (last - target(last.shape[1], seed, replicate))
    ratios, whole = signal_to_noise(net.cell, net.weights, trajectory, inputs[None], cotangents)
    return pd.DataFrame({"lag": range(len(ratios)), "ratio": ratios.numpy(), "whole": float(whole)})


EXPERIMENT = Experiment(
    sentence="Does a step far back ask for the same change of the parameters in every sequence?",
    function=parameter_signal,
    settings={
        "cell": ["tanh", "lstm", "gru"],
        "gain": 1.0,
        "forget_bias": [0.0, 4.0],
        "hidden": 32,
        "length": 150,
        "sequences": 50,
        "replicates": 10,
    },
    limits={"sequences": {"minimum": 2}},
)
