"""Minimal LSTM: gates that see the input and not the state (Feng et al. 2024, minLSTM with length-independent scaling).

    f, i = σ(a_f), σ(a_i),  n = a_n             no tanh on the candidate
    h' = f/(f+i) h + i/(f+i) n

No recurrent matrix at all: the whole Jacobian is D(f/(f+i)), and the article's product of forget gates is exact here.
``activations`` gives the normalised gates, which sum to one.
"""

from whylstm.cells.base import Cell, Coefficients, sigmoid


class MinLSTM(Cell):
    """A weighted mean of the old state and the input, with weights that depend on the input alone."""

    gates = ("f", "i", "n")
    recurrent = ()
    carry_gate = "f"
    input_gate = "i"
    source = "Feng et al. 2024"

    def activations(self, s, r, a, w):
        f, i = sigmoid(a["f"]), sigmoid(a["i"])
        return {"f": f / (f + i), "i": i / (f + i), "n": a["n"]}

    def update(self, s, r, a, w):
        gate = self.activations(s, r, a, w)
        return {"h": gate["f"] * s["h"] + gate["i"] * gate["n"]}

    def coefficients(self, s, r, a, w):
        gate = self.activations(s, r, a, w)
        f, i = gate["f"], gate["i"]
        turn = (s["h"] - gate["n"]) * f * i  # ∂h'/∂ ln(f/i)
        drive = {("h", "f"): turn * sigmoid(-a["f"]), ("h", "i"): -turn * sigmoid(-a["i"]), ("h", "n"): i}
        return Coefficients(carry={("h", "h"): f}, drive=drive)

    def bounds(self, s, r, w):
        return Coefficients(carry={("h", "h"): 1.0})


CELL = MinLSTM()
