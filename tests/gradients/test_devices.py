"""A simulation runs on any device: with weights on torch's ``meta`` device, which has shapes and no numbers.

No GPU is needed to find a tensor that was made on the processor by mistake. What a GPU computes is not tested here.
"""

import pytest
import torch
from torch.overrides import TorchFunctionMode
from torch.utils._pytree import tree_leaves

from whylstm import cells
from whylstm.gradients.factors import factors
from whylstm.gradients.growth import growth
from whylstm.gradients.lag_profile import lag_profile
from whylstm.gradients.trajectory import run

HIDDEN, FEATURES, STEPS, LAGS = 4, 3, 12, 6


class OneDevice(TorchFunctionMode):
    """Refuses an operation on tensors of two devices, as a GPU does; a lone number may be anywhere."""

    def __torch_function__(self, function, types, args=(), kwargs=None):
        tensors = [leaf for leaf in tree_leaves((args, kwargs)) if isinstance(leaf, torch.Tensor)]
        devices = {tensor.device.type for tensor in tensors if tensor.ndim}
        if len(devices) > 1:
            raise RuntimeError(f"{function} meets tensors on {devices}")
        return function(*args, **(kwargs or {}))


def weights(cell, device):
    gates, recurrent = len(cell.gates), len(cell.recurrent_gates)
    shapes = {"U": (recurrent, HIDDEN, HIDDEN), "W": (gates, HIDDEN, FEATURES), "b": (gates, HIDDEN)}
    shapes |= {"c": (recurrent, HIDDEN)} if cell.recurrent_bias else {}
    shapes |= dict.fromkeys(cell.extras, (HIDDEN,)) | dict.fromkeys(cell.options, (1,))
    return {name: torch.empty(1, *shape, dtype=torch.float64, device=device) for name, shape in shapes.items()}


@pytest.mark.parametrize("name", cells.names())
def test_everything_that_is_measured_is_computed_on_the_device_of_the_weights(name):
    cell = cells.load(name)
    own = weights(cell, "meta")
    inputs = torch.empty(1, 1, STEPS, FEATURES, dtype=torch.float64, device="meta")
    with OneDevice():
        found = factors(cell, own, run(cell, own, inputs))
        measured = lag_profile(found, [STEPS - 2, STEPS], LAGS, hops=3) | growth(found)
    assert {value.device.type for value in measured.values()} == {"meta"}
    assert measured["norm"].shape == (LAGS, 1, 2)


def test_a_tensor_that_was_made_elsewhere_is_found():
    """Else the test above could not fail: torch itself multiplies a tensor on ``meta`` with any other."""
    there = torch.empty(2, 2, dtype=torch.float64, device="meta")
    with OneDevice(), pytest.raises(RuntimeError, match="meets tensors on"):
        there @ torch.eye(2, dtype=torch.float64)
