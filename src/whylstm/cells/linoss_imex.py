"""Oscillators driven by the input, with symplectic time steps (Rusch & Rus 2025, LinOSS-IMEX, equation 6).

    z' = z + δ (-A y + u)                       explicit in the force
    y' = y + δ z'                               implicit in the speed

The output part h is the position y. As in ``linoss`` each unit has a stiffness A = exp(·) and a time step δ = σ(·) of
its own, and the whole Jacobian is carry: [[1 - δ² A, δ], [-δ A, 1]] on (y, z). Its determinant is 1, and as long as
δ² A < 4 both eigenvalues have size 1: nothing is ever forgotten. It is not normal: the norm of its powers can exceed
one, without growing. At the start A ~ U(0, 1) and δ = σ(U(0, 1)), so δ² A < .54.
"""

import math
from typing import ClassVar

from whylstm.cells.base import Cell, Coefficients, sigmoid


class LinOSSIMEX(Cell):
    """One oscillator per unit, without friction."""

    parts = ("h", "z")
    gates = ("u",)
    recurrent = ()
    extras: ClassVar = {"stiffness": -1.0, "pace": 0.5}
    source = "Rusch & Rus 2025"

    def initial_extras(self, hidden, draw):
        import numpy as np  # here, so that a config can be checked without it

        stiffness = np.clip(draw.uniform("stiffness", (hidden,)), 1e-12, 1)  # clipped to keep the logarithm finite
        return {"stiffness": np.log(stiffness), "pace": draw.uniform("pace", (hidden,))}

    def update(self, s, r, a, w):
        step, force = _terms(w)
        z = s["z"] - force * s["h"] + step * a["u"]
        return {"h": s["h"] + step * z, "z": z}

    def coefficients(self, s, r, a, w):
        step, force = (value.expand_as(s["h"]) for value in _terms(w))
        carry = {("h", "h"): 1 - step * force, ("h", "z"): step, ("z", "h"): -force, ("z", "z"): step * 0 + 1}
        return Coefficients(carry=carry, drive={("h", "u"): step**2, ("z", "u"): step})

    def bounds(self, s, r, w):
        carry = {("h", "h"): math.inf, ("h", "z"): 1.0, ("z", "h"): math.inf, ("z", "z"): 1.0}
        return Coefficients(carry=carry)


def _terms(w):
    """Return δ and δ A."""
    step = sigmoid(w["pace"])
    return step, step * w["stiffness"].exp()


CELL = LinOSSIMEX()
