"""A bounded LSTM of two units whose gradient explodes while its product of forget gates goes to zero.

The weights are those of Laurent & von Brecht 2017 (no input, no bias, start at h = C = ½). The state never leaves a
small box, the forget gates multiply to nothing, and yet ‖∂s_t/∂s_0‖ grows without end: the motion is chaotic. A twin
that starts a distance of 1e-10 away shows it without any derivative.
"""

from __future__ import annotations

import pandas as pd
import torch
from torch import Tensor

from whylstm import cells
from whylstm.gradients.factors import Factors, factors
from whylstm.gradients.lyapunov import apply
from whylstm.gradients.scaled import Scaled
from whylstm.gradients.trajectory import Trajectory, Weights, run
from whylstm.laboratory.base import Experiment

MATRICES = {
    "i": [[-1.0, -4.0], [-3.0, -2.0]],
    "f": [[-2.0, 6.0], [0.0, -6.0]],
    "g": [[-1.0, -6.0], [6.0, -9.0]],
    "o": [[4.0, 1.0], [-9.0, -7.0]],
}
"""The recurrent matrices (U_i, U_f, U_g, U_o)."""

START, NUDGE = 0.5, 1e-10


def network() -> Weights:
    """Return the two-unit network as weights of one model."""
    matrices = torch.tensor([MATRICES[gate] for gate in cells.load("lstm").gates], dtype=torch.float64)
    return {"U": matrices[None], "W": torch.zeros(1, 4, 2, 1).double(), "b": torch.zeros(1, 4, 2).double()}


def orbit(steps: int, nudge: float = 0.0) -> Trajectory:
    """Return the autonomous motion from h = C = ½, the first unit's memory moved by ``nudge``."""
    start = {part: torch.full((1, 1, 2), START, dtype=torch.float64) for part in ("h", "c")}
    start["c"][..., 0] += nudge
    return run(cells.load("lstm"), network(), torch.zeros(1, 1, steps, 1, dtype=torch.float64), start)


def one_step_jacobians(steps: int) -> Factors:
    """Return the one-step Jacobians along the motion."""
    return factors(cells.load("lstm"), network(), orbit(steps))


def two_unit_lstm(seed: int, steps: int) -> pd.DataFrame:
    """Return the motion step by step, with the norms of ∂s_t/∂s_0 and of Π f, and the twin's distance.

    Args:
        seed: not used.
        steps: steps of the motion.
    """
    motion, twin, jacobians = orbit(steps), orbit(steps, NUDGE), one_step_jacobians(steps)
    apart = (
        torch.stack([motion.after[part] - twin.after[part] for part in ("h", "c")]).square().sum((0, 2, 3, 4)).sqrt()
    )
    return pd.DataFrame(
        {
            "step": range(1, steps + 1),
            **{f"{part}_{unit + 1}": motion.after[part][:, 0, 0, unit].numpy() for part in "hc" for unit in range(2)},
            "twin_c_1": twin.after["c"][:, 0, 0, 0].numpy(),
            "log10_gradient": _growing_norm(jacobians, steps).numpy(),
            "log10_forget_product": _forget_product(jacobians).numpy(),
            "log10_distance": apart.log10().numpy(),
        }
    )


def _growing_norm(jacobians: Factors, steps: int) -> Tensor:
    """Return log₁₀ ‖J_t ... J_1‖_F for t = 1 ... T."""
    product, norms = Scaled.of(torch.eye(4, dtype=torch.float64)[None]), []
    for step in range(steps):
        product = Scaled(apply(jacobians, step, product.mantissa), product.exponent).rescaled()
        norms.append(product.log10_norm())
    return torch.cat(norms)


def _forget_product(jacobians: Factors) -> Tensor:
    """Return log₁₀ of the norm of Π D(f) for t = 1 ... T: the article's term, from memory to memory."""
    logs = jacobians.carry["c", "c"][:, 0].log10().cumsum(0)
    return 0.5 * torch.logsumexp(2 * logs * torch.log(torch.tensor(10.0)), 1) / torch.log(torch.tensor(10.0))


EXPERIMENT = Experiment(
    sentence="Can the gradient of a bounded LSTM explode while the product of its forget gates vanishes?",
    function=two_unit_lstm,
    settings={"steps": 200},  # beyond, rounding has grown to the size of the motion: another machine, another motion
)
