"""Small products that answer "each factor is below (above) one" with the opposite of what one expects.

The article argues with scalars; these are what it leaves out. Each case is a sequence of factors, exact and without
chance; what happens to their product is measured, not asserted.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from whylstm.laboratory.base import Experiment


def _scalar(value: float) -> np.ndarray:
    return np.array([[value]])


CASES: dict[str, tuple[str, str, Callable[[int], np.ndarray]]] = {
    "uniformly_below_one": ("every factor is 0.9: the product vanishes", "vanishes", lambda _: _scalar(0.9)),
    "below_one_not_in_size": (
        "every factor is -1.2, below one: the product explodes",
        "vanishes",
        lambda _: _scalar(-1.2),
    ),
    "below_one_not_uniformly": (
        "every factor is 1 - 1/(k+1)², below one: the product tends to one half",
        "vanishes",
        lambda k: _scalar(1 - 1 / (k + 1) ** 2),
    ),
    "above_one_in_norm": (
        "every factor has norm 2, along axes that take turns: the product vanishes",
        "explodes",
        lambda k: np.diag([2.0, 0.1]) if k % 2 else np.diag([0.1, 2.0]),
    ),
    "nilpotent": (
        "every factor has norm 2 and maps its own image to zero",
        "explodes",
        lambda _: np.array([[0.0, 2.0], [0.0, 0.0]]),
    ),
    "below_one_in_radius": (
        "every factor has spectral radius 1/2, upper and lower triangles in turn: the product explodes",
        "vanishes",
        lambda k: np.array([[0.5, 2.0], [0.0, 0.5]]) if k % 2 else np.array([[0.5, 0.0], [2.0, 0.5]]),
    ),
    "rotation": ("every factor is a rotation by one radian: norm one, for ever", "stays", lambda _: _rotation(1.0)),
}
"""By name: what the case says, what its factors suggest if "below (above) one" is read as loosely as the case invites
one to (vanishes, explodes, stays), and its factor at lag k = 1, 2, ..."""


def counterexamples(seed: int, lags: int) -> pd.DataFrame:
    """Return for every case and lag the norm of the product and facts of its factors; nothing is drawn.

    Args:
        seed: not used.
        lags: largest number of factors.

    Norms are spectral norms as log₁₀ (-inf for an exact zero); the facts are the smallest and largest spectral norm
    and the largest spectral radius among the factors used so far.
    """
    rows = [
        {"case": name, "sentence": sentence, "suggests": suggests, **row}
        for name, (sentence, suggests, factor) in CASES.items()
        for row in _rows(factor, lags)
    ]
    return pd.DataFrame(rows)


def _rows(factor: Callable[[int], np.ndarray], lags: int) -> list[dict[str, float]]:
    product, norms, radii, rows = np.eye(len(factor(1))), [], [], []
    for lag in range(1, lags + 1):
        matrix = factor(lag)
        product = product @ matrix
        norms.append(np.linalg.norm(matrix, 2))
        radii.append(np.abs(np.linalg.eigvals(matrix)).max())
        rows.append(
            {"lag": lag, "log10_norm": _log10(float(np.linalg.norm(product, 2)))}
            | {"smallest_norm": min(norms), "largest_norm": max(norms), "largest_radius": max(radii)}
        )
    return rows


def _rotation(angle: float) -> np.ndarray:
    return np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])


def _log10(value: float) -> float:
    return float(np.log10(value)) if value > 0 else -np.inf


EXPERIMENT = Experiment(
    sentence="What do products of factors below or above one do?",
    function=counterexamples,
    settings={"lags": 60},
    limits={"lags": {"maximum": 900}},  # beyond, a product that explodes is more than float64 holds
)
