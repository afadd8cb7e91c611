"""Intervals hold what they promise: in 200 random networks the exact number lies in the 95% interval in 90 to 99%.

Of 200 cases with a true share of .95 between 90 and 99% lie inside with a probability of .997; the seeds are fixed.
"""

import numpy as np
import pytest
import torch
from torch import nn

from whylstm.diagnosis.observation import measure, observe
from whylstm.diagnosis.observation.stack import whole

NETWORKS, LAGS = 200, 20
KINDS = (nn.LSTM, nn.GRU, nn.RNN)


def network(seed):
    torch.manual_seed(seed)
    rnn = KINDS[seed % 3](3, (4, 8)[seed % 2], 1 + seed % 2).double()
    gain = 0.3 + 2.2 * float(torch.rand(()))
    with torch.no_grad():
        for name, weight in rnn.named_parameters():
            if "weight_hh" in name:
                weight.mul_(gain)
    (part,) = observe(rnn, torch.randn(24, 2, 3, dtype=torch.float64)).parts
    return part


def exact(part, frame, turn):
    """Return the mean of ln ‖G‖ over the same windows and sequences by lag, from all of the identity's rows."""
    ends = torch.from_numpy(frame.ends)
    rows = torch.eye(part.size, dtype=torch.float64)[None, :, None].expand(len(ends), -1, ends.shape[1], -1)
    out = []
    for kept, scale, _ in part.stack.back(rows, ends, frame.lags, turn):
        logs = torch.where((kept == 0).all(-1), -torch.inf, scale)
        out.append(float(0.5 * torch.logsumexp(2 * logs, 1).mean()))
    return np.array(out)


@pytest.fixture(scope="module")
def inside():
    found = {"norm": [], "carry": [], "decades": []}
    for seed in range(NETWORKS):
        part = network(seed)
        quick = measure(part, lags=LAGS, budget=0, seed=seed)
        norm, carry = (exact(part, quick.frame, turn) for turn in (whole, None))
        at = seed % LAGS
        value = norm / np.log(10)
        found["norm"].append(quick.norm.low[at] <= value[at] <= quick.norm.high[at])
        found["decades"].append(quick.decades[1] <= value[-1] - value[0] <= quick.decades[2])
        if np.isfinite(carry[at]):
            share = np.exp(carry[at] - norm[at])
            found["carry"].append(quick.carry.low[at] <= share <= quick.carry.high[at])
    return found


@pytest.mark.parametrize("quantity", ["norm", "carry", "decades"])
def test_the_exact_number_lies_within_the_interval(inside, quantity):
    assert 0.90 <= np.mean(inside[quantity]) <= 0.99
