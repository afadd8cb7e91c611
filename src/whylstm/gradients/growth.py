"""How fast the gradient should grow per step: three predictions, drawn over the measurement, none of them assumed.

Around the loop of the memory, one step multiplies by f (carry) or by one hop through the recurrent matrices, M. With
a² = E‖M‖²_F / H, the mean squared gain of one hop:

    incoherent   ½ ln(E f² + a²)     U drawn afresh at every step: terms with different numbers of hops add in squares
    coherent     ln(E f + a)         one U, constant gates: paths with equally many hops add up
    mean         ln ρ(E J)           spectral radius of the Jacobian averaged over the trajectory

For a cell with a memory C behind its output, M_t = A_t D(d_{t-1}) is the hop from C to C; with one part, M_t = R_t.
All in nats per step.
"""

from __future__ import annotations

import torch
from torch import Tensor

from whylstm.gradients.factors import Factors


def growth(factors: Factors) -> dict[str, Tensor]:
    """Return the three predicted growth rates, each (B,) in float64, and E f as ``carry_mean``."""
    memory = factors.parts[-1] if factors.exposure is not None else factors.parts[0]
    gain = torch.stack([_hop_gain(factors, memory, step) for step in range(1, factors.steps)]).mean(0)
    kept = factors.diagonal(memory, memory)[1:]
    return {
        "carry_mean": kept.mean((0, 2)),
        "growth_incoherent": 0.5 * (kept.square().mean((0, 2)) + gain).log(),
        "growth_coherent": (kept.mean((0, 2)) + gain.sqrt()).log(),
        "growth_mean": _spectral_radius(mean_jacobian(factors)).log(),
    }


def mean_jacobian(factors: Factors) -> Tensor:
    """Return the one-step Jacobian averaged over all steps, (B, S, S)."""
    mean = Factors(
        parts=factors.parts,
        gates=factors.gates,
        carry={key: value.mean(0, keepdim=True) for key, value in factors.carry.items()},
        mix={key: value.mean(0, keepdim=True) for key, value in factors.mix.items()},
        matrices=factors.matrices,
    )
    return mean.dense_carry(0) + mean.dense_recurrent(0)


def _hop_gain(factors: Factors, memory: str, step: int) -> Tensor:
    """Return ‖M_t‖²_F / H for the hop once around the loop of the memory, (B,)."""
    hop = factors.mixed(memory, step)
    if factors.exposure is not None:
        hop = hop * factors.exposed[step - 1, :, None, :]
    return hop.square().sum((-2, -1)) / factors.hidden


def _spectral_radius(matrices: Tensor) -> Tensor:
    return torch.linalg.eigvals(matrices).abs().amax(-1).double()
