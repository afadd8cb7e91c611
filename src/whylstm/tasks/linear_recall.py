"""Linear recall: say again what was shown 1, 2, … 64 steps ago, all at once (Jaeger 2001).

Inputs are independent, U(-√3, √3), of mean 0 and variance 1. Output k answers with x_{t-k}. The memory capacity is
Σ_k corr²(x_{t-k}, y_k); for a linear readout of H units it cannot exceed H (Jaeger 2001, proposition 2), nor, here, 64.

Zero is the best constant, with mean squared error 1 and capacity 0. Measured on n answers, even an answer that is
unrelated to the input has a squared correlation of 1/n: the capacity is too large by about 64/n.
"""

import numpy as np

from whylstm.tasks.base import Batch, Criterion, Task, Trivial

DELAYS = 64


class LinearRecall(Task):
    """``length`` steps of one number; 64 values at each step t >= 64, counted from 0."""

    outputs = DELAYS
    kind = "regression"
    shortest = 2 * DELAYS
    success = (Criterion("half", "capacity", DELAYS / 2, "a capacity of more than 32 of 64 steps (ours)", above=True),)
    source = "Jaeger 2001"

    def sample(self, rng, count, length, split):
        inputs = rng.uniform(-(3**0.5), 3**0.5, (count, length, 1))
        targets = np.stack([inputs[:, DELAYS - k : length - k, 0] for k in range(1, DELAYS + 1)], axis=-1)
        return Batch(inputs, targets, np.arange(length) >= DELAYS)

    def trivial(self, length, split="train"):
        return Trivial({"loss": 1.0, "capacity": 0.0}, "The constant 0: mean squared error 1, capacity 0.")

    def own_metrics(self, outputs, targets):
        """Return the capacity, in steps; a constant output has none, one that is not finite makes it NaN."""
        answer, truth = (values.reshape(-1, DELAYS) for values in (outputs, targets))
        answer, truth = answer - answer.mean(axis=0), truth - truth.mean(axis=0)
        power = (answer**2).sum(axis=0) * (truth**2).sum(axis=0)
        share = np.divide((answer * truth).sum(axis=0) ** 2, power, out=np.zeros(DELAYS), where=power != 0)
        return {"capacity": float(share.sum())}


TASK = LinearRecall()
