"""The bifurcation behind the cliff: where x = 5 σ(x) + b has one fixed point, and where it has three (Pascanu 2013)."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
from scipy.optimize import brentq

from whylstm.laboratory.base import Experiment


def bifurcation(seed: int, weight: float, bias: list[float], points: int) -> pd.DataFrame:
    """Return the fixed points of x → w σ(x) + b for every bias, with the slope there (stable if below 1); exact.

    Args:
        seed: not used.
        weight: w.
        bias: smallest and largest b.
        points: number of biases.
    """
    rows = []
    for value in np.linspace(bias[0], bias[1], points):
        for branch, x in enumerate(fixed_points(weight, float(value))):
            gate = 0.5 * (1 + np.tanh(x / 2))
            slope = weight * gate * (1 - gate)
            rows.append({"bias": value, "branch": branch, "fixed_point": x, "slope": slope, "stable": bool(slope < 1)})
    return pd.DataFrame(rows)


def fixed_points(weight: float, bias: float) -> list[float]:
    """Return the roots of w σ(x) + b - x, in increasing order.

    Between the turning points of the function, which are known in closed form, there is at most one root.
    """

    def excess(x: float) -> float:
        return weight * 0.5 * (1 + np.tanh(x / 2)) + bias - x

    ends = [min(bias, bias + weight) - 1, *turning_points(weight), max(bias, bias + weight) + 1]
    pairs = [(low, high) for low, high in itertools.pairwise(ends) if excess(low) * excess(high) < 0]
    return [float(brentq(excess, low, high, xtol=1e-13)) for low, high in pairs]


def turning_points(weight: float) -> list[float]:
    """Return where w σ'(x) = 1: x = ±2 artanh √(1 - 4/w), none for w <= 4."""
    if weight <= 4:
        return []
    x = 2 * float(np.arctanh(np.sqrt(1 - 4 / weight)))
    return [-x, x]


EXPERIMENT = Experiment(
    sentence="At which bias does a unit's memory appear, and where is it lost?",
    function=bifurcation,
    settings={"weight": 5.0, "bias": [-4.5, -0.5], "points": 401},
    limits={"bias": {"minItems": 2, "maxItems": 2}},
)
