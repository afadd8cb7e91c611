"""Minimal GRU: a gate that sees the input and not the state (Feng et al. 2024, minGRU).

    z = σ(a_z),  n = a_n                        no tanh on the candidate
    h' = z h + (1 - z) n

As in ``gru``, z *keeps* the state; the paper's z is 1 - z here, which only turns the sign of a_z. No recurrent matrix:
the whole Jacobian is D(z).
"""

from whylstm.cells.base import Cell, Coefficients, sigmoid


class MinGRU(Cell):
    """A weighted mean of the old state and the input, with one gate."""

    gates = ("z", "n")
    recurrent = ()
    carry_gate = "z"
    source = "Feng et al. 2024"

    def activations(self, s, r, a, w):
        return {"z": sigmoid(a["z"]), "n": a["n"]}

    def update(self, s, r, a, w):
        gate = self.activations(s, r, a, w)
        return {"h": gate["z"] * s["h"] + (1 - gate["z"]) * gate["n"]}

    def coefficients(self, s, r, a, w):
        gate = self.activations(s, r, a, w)
        z, n = gate["z"], gate["n"]
        drive = {("h", "z"): (s["h"] - n) * z * (1 - z), ("h", "n"): 1 - z}
        return Coefficients(carry={("h", "h"): z}, drive=drive)

    def bounds(self, s, r, w):
        return Coefficients(carry={("h", "h"): 1.0})


CELL = MinGRU()
