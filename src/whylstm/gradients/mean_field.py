"""Mean field: what the gradient's growth should be in the limit of many units with random weights.

For large H the recurrent drives of a unit are Gaussian, N(0, σ_w² E h²), independent between gates and (so the theory
assumes) between steps. Two routes:

- :func:`tanh_fixed_point`, in closed form by quadrature, after Chen, Pennington & Schoenholz 2018 and Schoenholz et al.
  2017: q* = σ_w² E tanh²(√q z) + σ_x², χ = σ_w² E φ'(√q z)², ξ = -1/ln χ. χ is the growth of the *squared* norm, so
  λ₁ = ½ ln χ and the memory -1/λ₁ is 2ξ.
- :func:`second_moment_growth`, for every cell, by Monte Carlo over units, after Gilboa et al. 2019: the covariance
  Γ of a unit's gradient over the state's parts goes one step back by

      Γ'[q,q'] = Σ_{p,p'} E(carry[p,q] carry[p',q']) Γ[p,p']
                 + [q = q' = h] σ_w² Σ_g Σ_{p,p'} E(mix[p,g] mix[p',g]) Γ[p,p']

  along the very inputs that drive the cell, since with few inputs the drive's variance follows them from step to step.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from scipy.optimize import brentq
from torch import Tensor

from whylstm.cells.base import Cell, Coefficients
from whylstm.gradients.factors import differentiated
from whylstm.streams import stream

STEP = 0.1
"""Distance of the nodes of the quadrature, in its own variable: the error is about exp(-2π · π/4 / STEP), 1e-21."""

REACH = 12.0
"""How many standard deviations the quadrature covers: exp(-REACH²/2) is 1e-31."""


@dataclass(frozen=True)
class FixedPoint:
    """The mean-field fixed point of a tanh RNN.

    Attributes:
        variance: q*, variance of the preactivations.
        growth: χ, growth of the squared gradient norm per step.
    """

    variance: float
    growth: float

    @property
    def exponent(self) -> float:
        """λ₁ = ½ ln χ, nats per step."""
        return 0.5 * float(np.log(self.growth))

    @property
    def depth(self) -> float:
        """ξ = -1/ln χ, in steps, of the squared norm; infinite at the transition and negative beyond it."""
        return -1 / float(np.log(self.growth)) if self.growth != 1 else float("inf")


def tanh_fixed_point(gain: float, input_variance: float, tolerance: float = 1e-14) -> FixedPoint:
    """Return the fixed point of a tanh RNN.

    The map q -> σ_w² E tanh²(√q z) + σ_x² is concave, so that its only attracting fixed point is bracketed: by zero
    where nothing drives the network and σ_w <= 1, else from below by what the expansion tanh² u >= u² - ⅔ u⁴ promises.

    Args:
        gain: σ_w.
        input_variance: variance of the input drive (bias included), the same at every step.
        tolerance: relative error of q.
    """
    if input_variance == 0 and abs(gain) <= 1:
        return FixedPoint(0.0, gain**2)

    def excess(variance: float) -> float:
        nodes, masses = _gaussian(variance)
        return gain**2 * float(masses @ np.tanh(nodes) ** 2) + input_variance - variance

    lowest = input_variance or (1 - gain**-2) / 4
    variance = float(brentq(excess, lowest, gain**2 + input_variance, xtol=1e-300, rtol=max(tolerance, 1e-15)))
    nodes, masses = _gaussian(variance)
    return FixedPoint(variance, gain**2 * float(masses @ (1 - np.tanh(nodes) ** 2) ** 2))


def second_moment_growth(
    cell: Cell,
    gain: float,
    forget_bias: float | None,
    input_scale: float,
    inputs: np.ndarray,
    *,
    own: Mapping[str, Tensor] | None = None,
    units: int = 4096,
    burn_in: int = 50,
    seed: int = 0,
) -> float:
    """Return the mean-field λ₁ of a cell with Gaussian weights, in nats per step: half the growth of the squared norm.

    Args:
        cell: the cell; its biases are zero except the forget bias.
        gain: σ_w.
        forget_bias: b_f; None for a cell without a carry gate.
        input_scale: σ_x.
        inputs: (T, D), the inputs that drive it.
        own: extras (H,) and options (1,) of the cell where they are not at their defaults; the sampled units have the
            values of the H units in turn.
        units: the number of sampled units; the error falls with its square root.
        burn_in: steps until the statistics have settled, which are not counted.
        seed: seed of the sampling, not of the study: theory has no replicates.
    """
    population = _Population(cell, gain, forget_bias, input_scale, own or {}, inputs.shape[1], units, seed)
    maps = [population.step(x) for x in torch.from_numpy(inputs)][burn_in:]
    return 0.5 * _growth_backwards(maps)


class _Population:
    """Sampled units of one random network: their states, input weights, and fresh recurrent drives at every step."""

    def __init__(
        self,
        cell: Cell,
        gain: float,
        bias: float | None,
        input_scale: float,
        own: Mapping[str, Tensor],
        features: int,
        units: int,
        seed: int,
    ) -> None:
        self.cell, self.gain = cell, gain
        self.draws = stream(seed, "mean field", cell=cell.name, units=units)
        self.weights = self._normal(len(cell.gates), units, features) * (input_scale / features**0.5)
        self.bias = torch.zeros(len(cell.gates), 1, dtype=torch.float64)
        if cell.carry_gate is not None and bias is not None:
            self.bias[cell.gates.index(cell.carry_gate)] = bias
        self.state = {part: torch.zeros(units, dtype=torch.float64) for part in cell.parts}
        declared = {name: torch.tensor([float(value)]) for name, value in {**cell.extras, **cell.options}.items()}
        turns = torch.arange(units)
        self.own = {name: value.double()[turns % len(value)] for name, value in {**declared, **own}.items()}

    def step(self, x: Tensor) -> Tensor:
        """Advance all units by one step and return the map of Γ one step back, (P², P²)."""
        spread = self.gain * self.state[self.cell.parts[0]].square().mean().sqrt()
        gates = self.cell.recurrent_gates
        kicks = dict(zip(gates, self._normal(len(gates), len(self.state[self.cell.parts[0]])) * spread, strict=True))
        drives = dict(zip(self.cell.gates, self.weights @ x + self.bias, strict=True))
        arguments = (self.state, kicks, drives, self.own)
        found = self.cell.coefficients(*arguments) or differentiated(self.cell, *arguments)
        self.state = self.cell.update(*arguments)
        return covariance_map(self.cell, found, self.gain)

    def _normal(self, *shape: int) -> Tensor:
        return torch.from_numpy(self.draws.standard_normal(shape))


def covariance_map(cell: Cell, found: Coefficients, gain: float) -> Tensor:
    """Return the linear map Γ → Γ' of the module's docstring as a matrix (P², P²), Γ read row by row."""
    parts = len(cell.parts)
    whole = torch.zeros(parts, parts, parts, parts, dtype=torch.float64)
    for (p, q), one in found.carry.items():
        for (p2, q2), other in found.carry.items():
            whole[_at(cell, q, q2, p, p2)] += (one * other).mean()
    for (p, gate), one in found.mix.items():
        for (p2, gate2), other in found.mix.items():
            if gate == gate2:
                whole[_at(cell, cell.parts[0], cell.parts[0], p, p2)] += gain**2 * (one * other).mean()
    return whole.reshape(parts**2, parts**2)


def _at(cell: Cell, *names: str) -> tuple[int, ...]:
    return tuple(cell.parts.index(name) for name in names)


def _growth_backwards(maps: list[Tensor]) -> float:
    """Return the growth of Γ per step, nats, going back through the maps from Γ = I."""
    parts = round(maps[0].shape[0] ** 0.5)
    gamma, log = torch.eye(parts, dtype=torch.float64).reshape(-1), 0.0
    for matrix in reversed(maps):
        gamma = matrix @ gamma
        size = gamma.reshape(parts, parts).trace()
        log += float(size.log())
        gamma = gamma / size
    return log / len(maps)


def _gaussian(variance: float) -> tuple[np.ndarray, np.ndarray]:
    """Return nodes √q z and their probabilities for E F(√q z), z ~ N(0, 1), where F is made of tanh.

    At large q tanh(√q z) bends within 1/√q of zero, which no fixed set of nodes in z resolves. So z = c sinh t, with c
    as narrow as the bend, and the trapezoidal rule in t: the poles of tanh are then π/2 off the real axis for every q,
    the Gaussian decays within π/4 of it, and the rule converges exponentially.
    """
    scale = min(1.0, 0.5 * np.pi / variance**0.5) if variance > 0 else 1.0
    end = np.arcsinh(REACH / scale)
    times = np.linspace(-end, end, 2 * int(np.ceil(end / STEP)) + 1)
    nodes = scale * np.sinh(times)
    masses = np.exp(-0.5 * nodes**2) * np.cosh(times)
    return variance**0.5 * nodes, masses / masses.sum()
