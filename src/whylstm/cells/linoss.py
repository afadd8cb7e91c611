"""Oscillators driven by the input, with implicit time steps (Rusch & Rus 2025, LinOSS-IM, equations 3-4).

Each unit is an oscillator y'' = -A y + u, with u = a_u, of stiffness A and time step δ of its own. One implicit step is

    z' = z + δ (-A y' + u),   y' = y + δ z'

and, solved for the new state, with S = 1 + δ² A,

    y' = (y + δ z + δ² u)/S
    z' = (z - δ A y + δ u)/S

The output part h is the position y. No recurrent matrix: the whole Jacobian is carry, for each unit a 2 x 2 matrix with
eigenvalues of size 1/√S, so implicit steps damp what has no friction. It is not normal: a norm can exceed one where no
eigenvalue does. A = exp(·) and δ = σ(·) keep both positive; in the paper A is a rectified number. From the paper it
departs also in that u is real. At the start A ~ U(0, 1) and δ = σ(U(0, 1)), as in the paper's code.
"""

import math
from typing import ClassVar

from whylstm.cells.base import Cell, Coefficients, sigmoid


class LinOSS(Cell):
    """One oscillator per unit, damped by its implicit time steps."""

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
        step, force, damp = _terms(w)
        h = damp * (s["h"] + step * (s["z"] + step * a["u"]))
        return {"h": h, "z": damp * (s["z"] - force * s["h"] + step * a["u"])}

    def coefficients(self, s, r, a, w):
        step, force, damp = (value.expand_as(s["h"]) for value in _terms(w))
        carry = {("h", "h"): damp, ("h", "z"): damp * step, ("z", "h"): -damp * force, ("z", "z"): damp}
        return Coefficients(carry=carry, drive={("h", "u"): damp * step**2, ("z", "u"): damp * step})

    def bounds(self, s, r, w):
        return Coefficients(carry={("h", "h"): 1.0, ("h", "z"): 1.0, ("z", "h"): math.inf, ("z", "z"): 1.0})


def _terms(w):
    """Return δ, δ A and 1/S."""
    step = sigmoid(w["pace"])
    force = step * w["stiffness"].exp()
    return step, force, (step * force + 1).reciprocal()


CELL = LinOSS()
