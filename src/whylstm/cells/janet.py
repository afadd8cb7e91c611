"""JANET, an LSTM reduced to its forget gate (van der Westhuizen & Lasenby 2018, section 3).

    f = σ(r_f + a_f),  i = 1 - σ(r_f + a_f - β),  g = tanh(r_g + a_g)
    h' = f h + i g

β lets in a little more than is forgotten; the paper uses β = 1. Since i < exp(β) (1 - f) for β > 0, h' is at most a
weighted mean of h and exp(β) g, and so |h| ≤ exp(max(β, 0)) for ever. The carry is D(f).
"""

import math
from typing import ClassVar

from whylstm.cells.base import Cell, Coefficients, sigmoid


class JANET(Cell):
    """Just another network: one gate, one state."""

    gates = ("f", "g")
    carry_gate = "f"
    options: ClassVar = {"beta": 1.0}
    source = "van der Westhuizen & Lasenby 2018"

    def activations(self, s, r, a, w):
        drive = r["f"] + a["f"]
        return {"i": sigmoid(w["beta"] - drive), "f": sigmoid(drive), "g": (r["g"] + a["g"]).tanh()}

    def update(self, s, r, a, w):
        gate = self.activations(s, r, a, w)
        return {"h": gate["f"] * s["h"] + gate["i"] * gate["g"]}

    def coefficients(self, s, r, a, w):
        gate = self.activations(s, r, a, w)
        i, f, g = (gate[name] for name in ("i", "f", "g"))
        mix = {("h", "f"): s["h"] * f * (1 - f) - g * i * (1 - i), ("h", "g"): i * (1 - g**2)}
        return Coefficients(carry={("h", "h"): f}, mix=mix)

    def state_bounds(self, w):
        return {"h": math.exp(max(w["beta"], 0.0))}

    def bounds(self, s, r, w):
        return Coefficients(carry={("h", "h"): 1.0}, mix={("h", "f"): (s["h"] + 1) / 4, ("h", "g"): 1.0})


CELL = JANET()
