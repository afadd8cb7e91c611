"""The curse of memory: a unit that remembers longer is harder to train (Zucchet & Orvieto 2024).

For a linear unit h' = λ h + x with white input of variance one, E(dh/dλ)² = (1 + λ²)/(1 - λ²)³: the output's
sensitivity to its own eigenvalue explodes as λ → 1, even though no gradient through time does.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from whylstm.laboratory.base import Experiment
from whylstm.streams import stream


def curse_of_memory(seed: int, memory: list[float], runs: int) -> pd.DataFrame:
    """Return theory and simulation of E(dh/dλ)², with and without the normalisation γ = √(1 - λ²) of an LRU.

    Args:
        seed: the study's seed.
        memory: time constants -1/ln λ in steps.
        runs: independent input sequences, each long enough for dh/dλ to be stationary.
    """
    rows = []
    for constant in memory:
        eigenvalue = float(np.exp(-1 / constant))
        squares = _squared_sensitivity(eigenvalue, runs, int(30 * constant) + 30, seed)
        rows += [
            {
                "memory": constant,
                "eigenvalue": eigenvalue,
                "unit": unit,
                "runs": runs,
                "theory": theory(eigenvalue, unit),
            }
            | {"simulated": float(values.mean()), "error": float(values.std(ddof=1) / np.sqrt(runs))}
            for unit, values in squares.items()
        ]
    return pd.DataFrame(rows)


def theory(eigenvalue: float, unit: str) -> float:
    """Return E(dh/dλ)² in closed form, for the ``plain`` unit and for the ``normalised`` one, h' = λ h + √(1-λ²) x."""
    gap = 1 - eigenvalue**2
    if unit == "plain":
        return (1 + eigenvalue**2) / gap**3
    # d(γh)/dλ = γ dh/dλ + γ' h with γ' = -λ/γ, E h² = 1/gap and E h dh/dλ = λ/gap².
    return (1 + eigenvalue**2) / gap**2 - 2 * eigenvalue**2 / gap**2 + eigenvalue**2 / gap**2


def _squared_sensitivity(eigenvalue: float, runs: int, steps: int, seed: int) -> dict[str, np.ndarray]:
    draws = stream(seed, "curse of memory", steps=steps)
    h, slope = np.zeros(runs), np.zeros(runs)
    for _ in range(steps):
        h, slope = eigenvalue * h + draws.standard_normal(runs), h + eigenvalue * slope
    scale = np.sqrt(1 - eigenvalue**2)
    return {"plain": slope**2, "normalised": (scale * slope - eigenvalue / scale * h) ** 2}


EXPERIMENT = Experiment(
    sentence="What does a long memory cost, even where no gradient vanishes?",
    function=curse_of_memory,
    settings={"memory": [1.0, 3.0, 10.0, 30.0, 100.0], "runs": 20_000},
    limits={"memory": {"exclusiveMinimum": 0}, "runs": {"minimum": 2}},
)
