"""GRU with diagonal recurrent matrices (Danieli et al. 2026, ParaGRU): each unit sees its own state and no other's.

    z, q = σ(u ⊙ h + a)                        update gate, reset gate, with a number u per unit and gate
    n    = tanh(u_n ⊙ q ⊙ h + a_n)             candidate
    h'   = (1 - z) n + z h

Here z *keeps* the state, as in ``gru``; in the paper it replaces it, which is the same with z's parameters negated.
That no unit mixes with another is what lets the published code compute all time steps at once. Passing u ⊙ h leaves the
direct path but no recurrent *matrix* and mixes nothing: by the study's definition it is carry and no hop. Here u starts
as U(-1, 1), which is how torch draws the weight of a single input.
"""

from typing import ClassVar

from whylstm.cells.base import Cell, Coefficients, sigmoid


class ParaGRU(Cell):
    """A GRU of H units that do not see each other."""

    gates = ("q", "z", "n")
    recurrent = ()
    carry_gate = "z"
    extras: ClassVar = {"u_q": 0.0, "u_z": 0.0, "u_n": 0.0}
    source = "Danieli et al. 2026"

    def initial_extras(self, hidden, draw):
        return {name: 2 * draw.uniform(name, (hidden,)) - 1 for name in self.extras}

    def activations(self, s, r, a, w):
        q, z = (sigmoid(w[f"u_{name}"] * s["h"] + a[name]) for name in ("q", "z"))
        return {"q": q, "z": z, "n": (w["u_n"] * (q * s["h"]) + a["n"]).tanh()}

    def update(self, s, r, a, w):
        gate = self.activations(s, r, a, w)
        return {"h": (1 - gate["z"]) * gate["n"] + gate["z"] * s["h"]}

    def coefficients(self, s, r, a, w):
        gate = self.activations(s, r, a, w)
        q, z, n = (gate[name] for name in self.gates)
        into_n = (1 - z) * (1 - n**2)
        into_q = into_n * w["u_n"] * s["h"] * q * (1 - q)
        into_z = (s["h"] - n) * z * (1 - z)
        carry = z + into_z * w["u_z"] + into_n * w["u_n"] * q + into_q * w["u_q"]
        drive = {("h", "q"): into_q, ("h", "z"): into_z, ("h", "n"): into_n}
        return Coefficients(carry={("h", "h"): carry}, drive=drive)

    def state_bounds(self, w):
        return {"h": 1.0}

    def bounds(self, s, r, w):
        carry = 1 + w["u_z"] / 2 + w["u_n"] * (1 + w["u_q"] / 4)
        return Coefficients(carry={("h", "h"): carry})


CELL = ParaGRU()
