"""Which recurrences keep a count, and how far beyond the lengths that they were trained on?

Every step asks for the running product in a finite group (:mod:`whylstm.tasks`): parity, sums modulo three, moves of
three things. All recurrences have as many parameters, within a few percent, one layer, and the same sequences and
updates. Each is trained at several learning rates; the best is chosen on seeds of its own, by the error at the trained
length, and the others are what counts.
"""

from __future__ import annotations

import pandas as pd
import torch

from whylstm import tasks
from whylstm.laboratory import _tracking
from whylstm.laboratory._matrix import stacked
from whylstm.laboratory.base import Experiment


def state_tracking(
    seed: int, task: list[str], cell: list[str], matrix_cell: list[str], rate: list[float], forget_bias: float,
    parameters: int, length: int, tests: list[int], updates: int, sequences: int, tested: int, tuning: int,
    replicates: int,
) -> pd.DataFrame:  # fmt: skip
    """Return the share of wrong answers of every network, at the trained length and beyond.

    Args:
        seed: the study's seed.
        task: names of tasks that are answered at every step.
        cell: names of plain cells.
        matrix_cell: names of recurrences with a matrix state.
        rate: learning rates.
        forget_bias: b_f at the start.
        parameters: numbers that a network may learn, readout included.
        length: steps of a training sequence.
        tests: lengths that trained networks are tested at.
        updates: updates of every network.
        sequences: sequences of an update.
        tested: sequences of a test.
        tuning: networks on which the rate is chosen, for every recurrence and task.
        replicates: networks that are reported.
    """
    rows = []
    for which in task:
        for family, names in (("cells", cell), ("matrix_cells", matrix_cell)):
            for name in names:
                found = _errors(
                    which, family, name, seed, rate, forget_bias, parameters, length, tests, updates, sequences,
                    tested, tuning + replicates,
                )  # fmt: skip
                found["role"] = ["tuning" if one < tuning else "reported" for one in found["replicate"]]
                rows.append(found)
    return pd.concat(rows, ignore_index=True)


def _errors(
    which: str, family: str, name: str, seed: int, rate: list[float], forget_bias: float, parameters: int,
    length: int, tests: list[int], updates: int, sequences: int, tested: int, networks: int,
) -> pd.DataFrame:  # fmt: skip
    """Train every rate and seed of one recurrence together, and return its errors."""
    features, outputs = tasks.load(which).features, tasks.load(which).outputs
    like = _tracking.size(family, name, features, outputs, parameters)
    seeds = list(range(networks))
    first = stacked(
        [
            _tracking.weights(family, name, like, features, outputs, seed, replicate, forget_bias)
            for _ in rate
            for replicate in seeds
        ]
    )
    rates = torch.tensor(rate).repeat_interleave(networks)
    read = _tracking.reader(family, name)

    def batches(update: int) -> tuple[torch.Tensor, torch.Tensor]:
        inputs, classes = _tracking.sequences(which, seed, "train", seeds, sequences, length, update)
        return inputs.repeat(len(rate), 1, 1, 1), classes.repeat(len(rate), 1, 1)

    trained = _tracking.train(read, first, _tracking.options(family, name), rates, batches, updates)
    rows = []
    for steps in tests:
        inputs, classes = _tracking.sequences(which, seed, "test", seeds, tested, steps, 0)
        with torch.no_grad():
            logits = read(trained, inputs.repeat(len(rate), 1, 1, 1))
        wrong = (logits.argmax(-1) != classes.repeat(len(rate), 1, 1)) | ~logits.isfinite().all(-1)
        for number, error in enumerate(wrong.float().mean((1, 2)).tolist()):
            chosen, replicate = divmod(number, networks)
            rows.append({"rate": rate[chosen], "replicate": replicate, "length": steps, "error": error})
    where = {"task": which, "recurrence": name, "family": family, "parameters": like.parameters}
    return pd.DataFrame(rows).assign(**where)[[*where, "rate", "replicate", "length", "error"]]


EXPERIMENT = Experiment(
    sentence="Which recurrences keep a count, and how far beyond the lengths that they were trained on?",
    function=state_tracking,
    settings={
        "task": ["parity_running", "modular_sum"],
        "cell": ["tanh", "lstm", "gru", "para_gru", "minlstm", "lru", "rglru"],
        "matrix_cell": [
            "gla", "mamba2", "mlstm", "deltanet", "gated_deltanet", "deltanet_signed", "rwkv7",
        ],
        "rate": [0.003, 0.01, 0.03],
        "forget_bias": 1.0,
        "parameters": 500,
        "length": 20,
        "tests": [20, 40, 80, 160],
        "updates": 300,
        "sequences": 8,
        "tested": 32,
        "tuning": 2,
        "replicates": 5,
    },
    limits={"rate": {"minimum": 1e-6, "maximum": 10}, "parameters": {"minimum": 50, "maximum": 100_000}},
)  # fmt: skip
