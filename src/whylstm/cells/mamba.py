"""The selective state space S6, elementwise (Gu & Dao 2023, algorithm 2 with the simplified write Δ B x).

    Δ  = softplus(pace - a_k)                   the step, of the input alone
    h' = exp(-Δ exp(rate)) h + Δ a_b a_x

No recurrent matrix: the whole Jacobian is the decay. In the paper a channel has 16 such numbers which share its Δ and
its input and are summed with a weight that the input gives; here every unit has its own of each, and the readout is
linear. The published code adds the drive of Δ; it is subtracted here, so that a larger bias of k keeps more. The start
is the paper's: exp(rate) runs over 1 … 16 and softplus(pace) is log-uniform from .001 to .1, so that half-lives are
spread from .4 to 700 steps.
"""

from typing import ClassVar

from whylstm.cells.base import Cell, Coefficients, sigmoid

STATES = 16
"""How many decay rates are told apart at the start, the paper's N."""


class Mamba(Cell):
    """One leaky unit each, which stores what the input selects."""

    gates = ("k", "b", "x")
    recurrent = ()
    carry_gate = "k"
    extras: ClassVar = {"rate": 0.0, "pace": -1.0}
    source = "Gu & Dao 2023"

    def initial_extras(self, hidden, draw):
        import numpy as np  # here, so that a config can be checked without it

        pace = 0.001 * 100 ** draw.uniform("pace", (hidden,))
        return {"rate": np.log(1.0 + np.arange(hidden) % STATES), "pace": np.log(np.expm1(pace))}

    def activations(self, s, r, a, w):
        return {"k": (-_pace(a, w) * w["rate"].exp()).exp(), "b": a["b"], "x": a["x"]}

    def update(self, s, r, a, w):
        pace = _pace(a, w)
        return {"h": (-pace * w["rate"].exp()).exp() * s["h"] + pace * a["b"] * a["x"]}

    def coefficients(self, s, r, a, w):
        pace, rate = _pace(a, w), w["rate"].exp()
        kept = (-pace * rate).exp()
        slope = -sigmoid(w["pace"] - a["k"])  # ∂Δ/∂a_k
        drive = {("h", "k"): slope * (a["b"] * a["x"] - rate * kept * s["h"])}
        return Coefficients(
            carry={("h", "h"): kept}, drive=drive | {("h", "b"): pace * a["x"], ("h", "x"): pace * a["b"]}
        )

    def bounds(self, s, r, w):
        return Coefficients(carry={("h", "h"): 1.0})


def _pace(a, w):
    """Return Δ = ln(1 + exp(pace - a_k)), without overflow."""
    x = w["pace"] - a["k"]
    return x.clamp(min=0) + (-x.abs()).exp().log1p()


CELL = Mamba()
