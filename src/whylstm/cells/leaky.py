"""Leaky recurrent network, the simplest time constant (Jaeger et al. 2007, with the leak applied after tanh).

    h' = (1 - α) h + α tanh(U h + W x + b)

A unit forgets at the rate 1 - α per step: its time constant is -1 / ln(1 - α) steps, about 1/α. The carry is (1 - α) I.
"""

import math
from typing import ClassVar

from whylstm.cells.base import Cell, Coefficients


class Leaky(Cell):
    """A tanh network whose units keep 1 - α of their state; J = (1 - α) I + α D(1 - tanh²) U."""

    gates = ("h",)
    options: ClassVar = {"alpha": 0.1}
    source = "Jaeger, Lukoševičius, Popovici & Siewert 2007"

    def update(self, s, r, a, w):
        return {"h": (1 - w["alpha"]) * s["h"] + w["alpha"] * (r["h"] + a["h"]).tanh()}

    def coefficients(self, s, r, a, w):
        slope = 1 - (r["h"] + a["h"]).tanh() ** 2
        return Coefficients(carry={("h", "h"): (1 - w["alpha"]).expand_as(slope)}, mix={("h", "h"): w["alpha"] * slope})

    def state_bounds(self, w):
        return {"h": 1.0 if 0 <= w["alpha"] <= 1 else math.inf}

    def bounds(self, s, r, w):
        return Coefficients(carry={("h", "h"): abs(1 - w["alpha"])}, mix={("h", "h"): abs(w["alpha"])})


CELL = Leaky()
