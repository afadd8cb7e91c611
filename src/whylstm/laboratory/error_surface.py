"""The cliff: the error of one unit that must remember for fifty steps, over its weight and bias (Pascanu et al. 2013).

    x_t = w σ(x_{t-1}) + b,   x_0 = ½,   E = (σ(x_50) - 0.7)²

The surface is flat, with walls: where the start x_0 passes from the basin of one fixed point to that of another, E
jumps and its gradient is enormous. Clipping shortens the step that is taken there.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from whylstm.laboratory.base import Experiment

STEPS, TARGET, START = 50, 0.7, 0.5


def error_surface(seed: int, weight: list[float], bias: list[float], points: int) -> pd.DataFrame:
    """Return E and log₁₀ of the norm of its gradient with respect to (w, b) on a square grid; nothing is drawn.

    Args:
        seed: not used.
        weight: smallest and largest w.
        bias: smallest and largest b.
        points: values along each axis.
    """
    w, b = (grid.ravel() for grid in np.meshgrid(*(np.linspace(ends[0], ends[1], points) for ends in (weight, bias))))
    x, by_w, by_b = np.full(w.shape, START), np.zeros_like(w), np.zeros_like(w)
    for _ in range(STEPS):
        gate = _logistic(x)
        slope = w * gate * (1 - gate)
        x, by_w, by_b = w * gate + b, gate + slope * by_w, 1 + slope * by_b
    out = _logistic(x)
    steepness = np.abs(2 * (out - TARGET) * out * (1 - out)) * np.hypot(by_w, by_b)
    with np.errstate(divide="ignore"):
        log = np.log10(steepness)
    return pd.DataFrame({"weight": w, "bias": b, "error": (out - TARGET) ** 2, "log10_gradient": log})


def _logistic(x: np.ndarray) -> np.ndarray:
    return 0.5 * (1 + np.tanh(x / 2))


EXPERIMENT = Experiment(
    sentence="What does the error of a unit that must remember look like over its parameters?",
    function=error_surface,
    settings={"weight": [4.0, 6.5], "bias": [-3.6, -2.0], "points": 161},
    limits={"weight": {"minItems": 2, "maxItems": 2}, "bias": {"minItems": 2, "maxItems": 2}},
)
