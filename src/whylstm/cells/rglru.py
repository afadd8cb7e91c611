"""Real-gated linear recurrent unit of Griffin (De et al. 2024, section 2.4).

    r, i = σ(-a_k), σ(a_i)                      recurrence gate and input gate, of the input alone
    a    = exp(-8 r softplus(Λ))                Λ: one number per unit
    h'   = a h + √(1 - a²) i v,  v = a_v        the root keeps the state's size when a is near one

No recurrent matrix: the whole Jacobian is D(a). In the paper v is the layer's input itself; here a linear map of the
input takes its place, so that the input may have any number of features. An open recurrence gate *forgets*; its drive
is negated here, so that a larger bias of k keeps more, as a forget bias should. Λ starts so that exp(-softplus Λ) is
uniform on a ring between .9 and .999, which at a gate of ½ are half-lives from 1.6 to 173 steps. The derivative of the
root grows without bound as a comes near 1. Here it is exact, while the published code clips it at 1,000.
"""

from typing import ClassVar

from whylstm.cells.base import Cell, Coefficients, sigmoid

SHARPNESS = 8.0
"""The constant of the paper in front of the recurrence gate."""

SLOWEST, FASTEST = 0.999, 0.9
"""The eighth root of what a unit keeps of its state in a step with an open recurrence gate, at the start."""


class RGLRU(Cell):
    """One leaky unit each, whose leak the input can reduce to nothing."""

    gates = ("k", "i", "v")
    recurrent = ()
    carry_gate = "k"
    input_gate = "i"
    extras: ClassVar = {"decay": -3.0}
    source = "De et al. 2024"

    def initial_extras(self, hidden, draw):
        import numpy as np  # here, so that a config can be checked without it

        kept = np.sqrt(FASTEST**2 + (SLOWEST**2 - FASTEST**2) * draw.uniform("decay", (hidden,)))
        return {"decay": np.log(1 / kept - 1)}  # Λ = logit(1 - kept), as exp(-softplus Λ) = 1 - σ(Λ)

    def activations(self, s, r, a, w):
        return {"k": _log_kept(a, w).exp(), "i": sigmoid(a["i"]), "v": a["v"]}

    def update(self, s, r, a, w):
        log = _log_kept(a, w)
        return {"h": log.exp() * s["h"] + (-(2 * log).expm1()).sqrt() * sigmoid(a["i"]) * a["v"]}

    def coefficients(self, s, r, a, w):
        log, i = _log_kept(a, w), sigmoid(a["i"])
        kept, gain = log.exp(), (-(2 * log).expm1()).sqrt()
        turn = kept * s["h"] - kept**2 / gain * i * a["v"]  # ∂h'/∂ log a
        drive = {("h", "k"): -turn * log * sigmoid(a["k"]), ("h", "i"): gain * a["v"] * i * (1 - i)}
        return Coefficients(carry={("h", "h"): kept}, drive=drive | {("h", "v"): gain * i})

    def bounds(self, s, r, w):
        return Coefficients(carry={("h", "h"): 1.0})


def _log_kept(a, w):
    """Return log a, what a unit keeps of its state."""
    return -SHARPNESS * sigmoid(-a["k"]) * w["decay"].exp().log1p()


CELL = RGLRU()
