"""Have the numbers of the grid and of training converged? Each is computed again with other settings.

    python benchmarks/convergence_grid.py [NAME ...]

prints one Markdown table per question (about five minutes on one core for all of them), as ``convergence.py`` does for
the laboratory; docs/numerics.md holds them with what follows.
"""

from __future__ import annotations

import sys

import numpy as np
from convergence import REPLICATES, SEED, SETTINGS, Rows, answer
from scipy.stats import binom

from whylstm import tasks
from whylstm.gradients.inputs import input_profile
from whylstm.gradients.lag_profile import lag_profile
from whylstm.laboratory._networks import Network, network, networks, noise
from whylstm.statistics import _median as medians
from whylstm.streams import stream

HIDDEN, LENGTH, LAG = 32, 300, 200
ENDS = [200, 225, 250, 275, 300]
"""Sizes of the default grid."""


def norms_and_rounding() -> Rows:
    """Largest error (log₁₀) of the norm at any lag to 200, against products in 64 bits of mantissa."""
    for name, gain, bias in SETTINGS:
        net = networks(name, HIDDEN, noise(LENGTH, 3, SEED), SEED, gain, bias)
        found = lag_profile(net.factors, [LENGTH], LAG, hops=0)
        exact = _extended(net)
        row: dict[str, object] = {"cell": name, "gain": gain, "bias": bias}
        yield row | {"norm": float(np.abs(found["norm"][:, :, 0].numpy() - exact).max())}


def growth_and_lags() -> Rows:
    """λ₁ as the slope of log‖G‖ over other ranges of lags, in nats per step: medians of ten networks."""
    for name, gain, bias in SETTINGS:
        norms = _norms(networks(name, HIDDEN, noise(LENGTH, REPLICATES, SEED), SEED, gain, bias), ENDS)
        row: dict[str, object] = {"cell": name, "gain": gain, "bias": bias}
        for low, high in ((25, 50), (50, 100), (100, 150), (100, 200), (150, 200)):
            slopes = np.median(norms[high - 1] - norms[low - 1], axis=1) * np.log(10) / (high - low)
            row |= {f"{low} to {high}": float(np.median(slopes))}
        yield row


def norms_and_windows() -> Rows:
    """log₁₀ of the norm at lag 100 where windows end early and late: medians of ten networks, and the interval."""
    for name, gain, bias in SETTINGS:
        net = networks(name, HIDDEN, noise(1200, REPLICATES, SEED), SEED, gain, bias)
        norms = _norms(net, [120, 200, 300, 600, 1200])[99]
        row: dict[str, object] = {"cell": name, "gain": gain, "bias": bias}
        row |= {f"end {end}": float(np.median(norms[:, at])) for at, end in enumerate((120, 200, 300, 600, 1200))}
        yield row | {"interval, end 300": _interval(norms[:, 2])}


def medians_and_replicates() -> Rows:
    """log₁₀ of the norm at lag 200 from more networks: median and interval."""
    for name, gain, bias in SETTINGS:
        norms = np.median(_norms(networks(name, HIDDEN, noise(LENGTH, 80, SEED), SEED, gain, bias), ENDS)[LAG - 1], 1)
        row: dict[str, object] = {"cell": name, "gain": gain, "bias": bias}
        yield row | {f"{n} networks": f"{np.median(norms[:n]):.3g} ({_interval(norms[:n])})" for n in (10, 20, 40, 80)}


def examination_and_error() -> Rows:
    """Chance that a network of this true error passes an examination (1% of 2000, after 1% of 250), and any of 12."""
    for error in (0.002, 0.005, 0.008, 0.01, 0.012, 0.015, 0.02, 0.03):
        first = np.arange(3)  # errors among the first 250 that still pass
        chance = float((binom.pmf(first, 250, error) * binom.cdf(20 - first, 1750, error)).sum())
        yield {"true error": f"{error:.1%}", "passes": chance, "passes one of 12": 1 - (1 - chance) ** 12}


def hold_and_sequences() -> Rows:
    """Hold (log₁₀) at three quarters of 50 steps before training: scatter over sequences and over networks."""
    length, sequences, count = 50, 9, 20
    task = tasks.load("temporal_order")
    drawn = [task.draw(stream(SEED, "convergence", replicate=r), sequences, length).inputs for r in range(count)]
    for name, bias in (("tanh", None), ("lstm", 1.0), ("lstm", 3.0), ("gru", 1.0)):
        held = np.array([[_hold(name, bias, inputs, r) for inputs in drawn[r]] for r in range(count)])
        within = float((held.var(axis=1, ddof=1)).mean())
        between = max(0.0, float(held.mean(axis=1).var(ddof=1)) - within / sequences)
        row: dict[str, object] = {"cell": name, "bias": bias, "over sequences": within**0.5}
        row |= {"over networks": between**0.5, "reliability of one": between / (between + within)}
        yield row | {f"of {sequences}": between / (between + within / sequences)}


def _hold(name: str, bias: float | None, inputs: np.ndarray, replicate: int) -> float:
    """Return log₁₀ of the last output's dependence on the input three quarters back."""
    lag = round(0.75 * len(inputs))
    net = network(name, HIDDEN, inputs, SEED, replicate, 1.0, bias)
    return float(input_profile(net.cell, net.weights, net.trajectory, net.factors, net.factors.steps, lag)[-1, 0])


def _norms(net: Network, ends: list[int]) -> np.ndarray:
    """Return log₁₀ norms, (lag, network, window)."""
    return np.asarray(lag_profile(net.factors, ends, min(LAG, *ends), hops=0)["norm"])


def _extended(net: Network) -> np.ndarray:
    """Return log₁₀ norms at all lags, (lag, network), by plain products of dense Jacobians in long doubles."""
    found = net.factors
    steps = [(found.dense_carry(t) + found.dense_recurrent(t)).numpy() for t in range(LENGTH - LAG, LENGTH)]
    norms, product = [], np.eye(steps[0].shape[-1], dtype=np.longdouble)
    for jacobian in reversed(steps):
        product = product @ jacobian.astype(np.longdouble)
        norms.append(np.log10(np.sqrt((product**2).sum(axis=(1, 2)))))
    return np.array(norms)


def _interval(values: np.ndarray) -> str:
    found = medians.summary(np.asarray(values, dtype=float).reshape(-1, 1))
    low, high = (float(np.ravel(found[end])[0]) for end in ("low", "high"))
    return f"{low:.3g} to {high:.3g}"


QUESTIONS = {
    question.__name__: question
    for question in (
        norms_and_rounding, growth_and_lags, norms_and_windows, medians_and_replicates, examination_and_error,
        hold_and_sequences,
    )
}  # fmt: skip

if __name__ == "__main__":
    answer(QUESTIONS, sys.argv[1:])
