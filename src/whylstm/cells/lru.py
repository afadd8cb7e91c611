"""Linear recurrent unit: a complex diagonal, linear state (Orvieto et al. 2023, sections 3.2-3.4).

    x' = λ x + γ B u                            one complex number per unit, λ = exp(-exp(ν) + iθ), so |λ| < 1
    γ = √(1 - |λ|²)                             keeps the state's size when |λ| is near one

Written in real parts, h = Re x and m = Im x, with the rows of B for each as two input drives:

    h' = |λ| (cos θ h - sin θ m) + γ a_h
    m' = |λ| (sin θ h + cos θ m) + γ a_m

The output part h is Re x. No recurrent matrix: the whole Jacobian is carry, |λ| times a rotation, for each unit. From
the paper it departs in that θ itself is the parameter, not its logarithm, and γ follows λ and is not trained by itself.
At the start λ is uniform on the unit disk: the paper's Lemma 3.2 with r_min = 0, r_max = 1 and any phase.
"""

import math
from typing import ClassVar

from whylstm.cells.base import Cell, Coefficients


class LRU(Cell):
    """One damped rotation per unit, driven by the input."""

    parts = ("h", "m")
    gates = ("h", "m")
    recurrent = ()
    extras: ClassVar = {"nu": -2.0, "theta": 0.5}
    source = "Orvieto et al. 2023"

    def initial_extras(self, hidden, draw):
        import numpy as np  # here, so that a config can be checked without it

        square = np.clip(draw.uniform("nu", (hidden,)), 1e-12, 1 - 1e-12)  # |λ|²; clipped to keep ν finite
        return {"nu": np.log(-0.5 * np.log(square)), "theta": 2 * math.pi * draw.uniform("theta", (hidden,))}

    def update(self, s, r, a, w):
        real, imaginary, gain = _terms(w)
        h = real * s["h"] - imaginary * s["m"] + gain * a["h"]
        return {"h": h, "m": imaginary * s["h"] + real * s["m"] + gain * a["m"]}

    def coefficients(self, s, r, a, w):
        real, imaginary, gain = (value.expand_as(s["h"]) for value in _terms(w))
        carry = {("h", "h"): real, ("h", "m"): -imaginary, ("m", "h"): imaginary, ("m", "m"): real}
        return Coefficients(carry=carry, drive={("h", "h"): gain, ("m", "m"): gain})

    def bounds(self, s, r, w):
        return Coefficients(carry={(new, old): 1.0 for new in self.parts for old in self.parts})


def _terms(w):
    """Return Re λ, Im λ and γ."""
    decay = w["nu"].exp()
    size = (-decay).exp()
    return size * w["theta"].cos(), size * w["theta"].sin(), (-(-2 * decay).expm1()).sqrt()


CELL = LRU()
