"""LSTM with diagonal recurrent matrices (Danieli et al. 2026, ParaLSTM): each unit sees its own state and no other's.

    f  = σ(u_f ⊙ h + p_f ⊙ C + a_f)            forget gate; i = 1 - f
    z  = tanh(u_z ⊙ h + a_z)
    C' = f C + (1 - f) z
    o  = σ(u_o ⊙ h + p_o ⊙ C' + a_o)           sees the new cell state
    h' = o tanh C'

That no unit mixes with another is what lets the published code compute all time steps at once. Passing u ⊙ h leaves the
path of the forget gate but no recurrent *matrix* and mixes nothing: by the study's definition it is carry and no hop,
so the carry of a unit is a full 2 x 2 matrix. Here u starts as U(-1, 1), which is how torch draws the weight of a
single input, and the peepholes p at zero.
"""

import math
from typing import ClassVar

from whylstm.cells.base import Cell, Coefficients, sigmoid


class ParaLSTM(Cell):
    """A coupled LSTM with peepholes, of H units that do not see each other."""

    parts = ("h", "c")
    gates = ("f", "z", "o")
    recurrent = ()
    carry_gate = "f"
    extras: ClassVar = {"u_f": 0.0, "u_z": 0.0, "u_o": 0.0, "p_f": 0.0, "p_o": 0.0}
    source = "Danieli et al. 2026"

    def initial_extras(self, hidden, draw):
        drawn = {name: draw.uniform(name, (hidden,)) for name in self.extras}
        return {name: 2 * value - 1 if name[0] == "u" else 0 * value for name, value in drawn.items()}

    def activations(self, s, r, a, w):
        f = sigmoid(w["u_f"] * s["h"] + w["p_f"] * s["c"] + a["f"])
        z = (w["u_z"] * s["h"] + a["z"]).tanh()
        c = f * s["c"] + (1 - f) * z
        return {"f": f, "z": z, "o": sigmoid(w["u_o"] * s["h"] + w["p_o"] * c + a["o"])}

    def update(self, s, r, a, w):
        gate = self.activations(s, r, a, w)
        c = gate["f"] * s["c"] + (1 - gate["f"]) * gate["z"]
        return {"h": gate["o"] * c.tanh(), "c": c}

    def coefficients(self, s, r, a, w):
        gate = self.activations(s, r, a, w)
        f, z, o = (gate[name] for name in self.gates)
        squashed = (f * s["c"] + (1 - f) * z).tanh()
        into_f, into_z, into_o = (s["c"] - z) * f * (1 - f), (1 - f) * (1 - z**2), squashed * o * (1 - o)
        out = o * (1 - squashed**2) + into_o * w["p_o"]  # ∂h'/∂C'
        c_c, c_h = f + into_f * w["p_f"], into_f * w["u_f"] + into_z * w["u_z"]
        carry = {("c", "c"): c_c, ("c", "h"): c_h, ("h", "c"): out * c_c, ("h", "h"): out * c_h + into_o * w["u_o"]}
        drive = {("c", "f"): into_f, ("c", "z"): into_z, ("h", "f"): out * into_f, ("h", "z"): out * into_z}
        return Coefficients(carry=carry, drive=drive | {("h", "o"): into_o})

    def state_bounds(self, w):
        return {"h": math.tanh(1.0), "c": 1.0}

    def bounds(self, s, r, w):
        out = 1 + w["p_o"] / 4
        c_c, c_h = 1 + w["p_f"] / 2, w["u_f"] / 2 + w["u_z"]
        carry = {("c", "c"): c_c, ("c", "h"): c_h, ("h", "c"): out * c_c, ("h", "h"): out * c_h + w["u_o"] / 4}
        return Coefficients(carry=carry)


CELL = ParaLSTM()
