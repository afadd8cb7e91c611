"""A cut through the cliff: the error of the unit of :mod:`error_surface` over its bias, as fine as the wall is thin.

At the bias b* = x_0 - w σ(x_0) the unit starts on a fixed point and stays there. If the fixed point is unstable, the
start lies on the border of two basins: a little less bias and the motion falls to the lower one, a little more and it
climbs to the upper one. After T steps the border has been stretched by (w σ'(x_0))^T, so that the wall of the error
there is as thin as the inverse of it, and the gradient as large. The biases lie on both sides of b*, at distances that
shrink by equal factors down to a thousandth of the wall.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from whylstm.laboratory.base import Experiment

STEPS, TARGET, START = 50, 0.7, 0.5


def cliff(seed: int, weight: float, width: float, points: int) -> pd.DataFrame:
    """Return E and log₁₀ |∂E/∂b| on both sides of b*, with b* itself, x_50 and the slope w σ'(x_0); exact.

    Args:
        seed: not used.
        weight: w.
        width: largest distance from b*.
        points: biases on each side.
    """
    gate = _logistic(np.array(START))
    border, slope = float(START - weight * gate), float(weight * gate * (1 - gate))
    finest = 1e-3 * width * min(1.0, max(slope, 1.0) ** -STEPS)
    away = np.geomspace(finest, width, points)
    bias = np.concatenate([border - away[::-1], [border], border + away])
    x, by_b = np.full(bias.shape, START), np.zeros_like(bias)
    for _ in range(STEPS):
        gate = _logistic(x)
        x, by_b = weight * gate + bias, 1 + weight * gate * (1 - gate) * by_b
    out = _logistic(x)
    with np.errstate(divide="ignore"):
        log = np.log10(np.abs(2 * (out - TARGET) * out * (1 - out) * by_b))
    found = {"bias": bias, "error": (out - TARGET) ** 2, "log10_gradient": log, "end": x}
    return pd.DataFrame({"weight": weight, "border": border, "slope": slope, **found})


def _logistic(x: np.ndarray) -> np.ndarray:
    return 0.5 * (1 + np.tanh(x / 2))


EXPERIMENT = Experiment(
    sentence="How steep is the cliff, and where does it stand?",
    function=cliff,
    settings={"weight": 5.0, "width": 1.0, "points": 120},
    limits={"weight": {"maximum": 6}, "width": {"minimum": 0.01}},  # beyond, the finest biases cannot be told apart
)
