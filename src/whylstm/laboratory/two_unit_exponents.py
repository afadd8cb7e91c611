"""The Lyapunov exponents of the two-unit LSTM, over longer and longer runs, so that their convergence can be seen."""

from __future__ import annotations

import pandas as pd
import torch

from whylstm.gradients.lyapunov import lyapunov
from whylstm.laboratory.base import Experiment
from whylstm.laboratory.two_unit_lstm import one_step_jacobians


def two_unit_exponents(seed: int, steps: list[int], burn_in: int) -> pd.DataFrame:
    """Return one row per length of run and exponent, in nats per step, with the mean of ln f beside them.

    Args:
        seed: not used.
        steps: lengths of the runs.
        burn_in: steps that are not counted.
    """
    rows = []
    for length in steps:
        jacobians = one_step_jacobians(length)
        found = lyapunov(jacobians, burn_in=burn_in)
        forget = float(jacobians.carry["c", "c"][burn_in:].log().mean((0, 1)).max())
        for index in range(found.value.shape[1]):
            numbers = {"value": found.value, "error": found.error, "drift": found.drift}
            row = {name: float(torch.as_tensor(tensor)[0, index]) for name, tensor in numbers.items()}
            rows.append({"steps": length, "index": index + 1, **row, "forget_rate": forget})
    return pd.DataFrame(rows)


EXPERIMENT = Experiment(
    sentence="Is the two-unit LSTM chaotic, and has the estimate converged?",
    function=two_unit_exponents,
    settings={"steps": [1_000, 3_000, 10_000], "burn_in": 500},
    fits=(("burn_in", "steps", 20),),  # two steps for each block of the standard error
)
