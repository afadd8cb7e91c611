"""Whether recurrent weights are those of a network at its start or of one that has been trained.

At the start the entries of a recurrent matrix are drawn independently from one law, or the matrix is orthogonal; what
torch, Keras and Flax do is known, and a training moves thousands of entries away from it. So the weights are

    at the start   every recurrent matrix is as one of these laws makes it: uniform on ±1/√H (torch), or within the
                   bound of Glorot & Bengio 2010; orthogonal, a block or all gates together; normal of any variance
    trained        some recurrent matrix is none of them
    unknown        numbers too few to tell, or all of them equal

A law of entries is tested by Kolmogorov's statistic, at a level of 10⁻⁴ for each matrix. The biases of each gate must
be constant, within the bounds of torch's draws, or those of chrono (Tallec & Ollivier 2018).
"""

from __future__ import annotations

import math

import torch
from scipy import stats
from torch import Tensor

from whylstm.diagnosis.network import Layer, Network

LEVEL = 1e-4
FEWEST = 30
"""Entries that a matrix must have before its law can be told."""

ENOUGH = 3000
"""Entries from which on a normal law of any variance is told from what a training makes."""

START, TRAINED, UNKNOWN = "at the start", "trained", "unknown"


def stage(network: Network) -> str:
    """Return ``at the start``, ``trained`` or ``unknown``."""
    found = {_of_layer(layer) for layer in network.layers}
    return TRAINED if TRAINED in found else UNKNOWN if UNKNOWN in found else START


def _of_layer(layer: Layer) -> str:
    gates = layer.weights["U"][0]
    if layer.cell.diagonal or gates.numel() < FEWEST or bool((gates == gates.flatten()[0]).all()):
        return UNKNOWN
    if not all(_even(bias) for bias in _biases(layer)):
        return TRAINED
    if orthogonal(gates.flatten(0, 1)) or all(orthogonal(gate) for gate in gates) or _uniform(gates):
        return START
    entries = gates.flatten().numpy()
    if stats.kstest(entries, "norm", (0, entries.std())).pvalue <= LEVEL:
        return TRAINED
    return START if len(entries) >= ENOUGH else UNKNOWN


def orthogonal(matrix: Tensor) -> bool:
    """Return whether the columns of a matrix (n, H), n ≥ H, are orthogonal and of one length, to a relative 10⁻³."""
    gram = matrix.T @ matrix
    size = gram.diagonal().mean()
    identity = torch.eye(len(gram), dtype=gram.dtype) * size
    return bool(size > 0) and float((gram - identity).abs().max()) < 1e-3 * float(size)


def _uniform(gates: Tensor) -> bool:
    """Return whether all entries (G, H, H) may come from one uniform law with a bound of torch's or of Glorot's."""
    count, hidden, _ = gates.shape
    entries, largest = gates.flatten().numpy(), float(gates.abs().max())
    bounds = (1 / math.sqrt(hidden), math.sqrt(6 / (hidden + hidden)), math.sqrt(6 / ((count + 1) * hidden)))
    return any(
        largest <= bound * (1 + 1e-6) and stats.kstest(entries, "uniform", (-bound, 2 * bound)).pvalue > LEVEL
        for bound in bounds
    )


def _biases(layer: Layer) -> list[Tensor]:
    """Return the biases of every gate, (H,) each."""
    return [gate for name in ("b", "c") if name in layer.weights for gate in layer.weights[name][0]]


def _even(bias: Tensor) -> bool:
    """Return whether the biases of a gate (H,) are constant, sums of two uniform draws, or chrono's logarithms."""
    hidden = len(bias)
    shifted = bias - bias.median()
    within = float(shifted.abs().max()) <= 4 / math.sqrt(hidden) + 1e-6
    chrono = bool((bias.abs() <= math.log(1e5)).all()) and float(bias.std()) > 0.5 and bool((bias >= 0).all())
    return within or chrono or (bool((bias <= 0).all()) and float(bias.std()) > 0.5)
