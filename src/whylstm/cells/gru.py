"""Gated recurrent unit, reset after the matrix (Cho et al. 2014; the variant of cuDNN and torch.nn.GRU).

    z, q = σ(r + a)                            update gate, reset gate
    n    = tanh(a_n + q (U_n h + c_n))         candidate; its recurrent drive has a bias of its own
    h'   = (1 - z) n + z h

Here z *keeps* the state (in Cho et al. the letters are the same, in some papers 1 - z keeps it), so its bias is the
forget bias. The carry is D(z): one state, a clean direct path.
"""

from whylstm.cells.base import Cell, Coefficients, sigmoid


class GRU(Cell):
    """The cell of torch.nn.GRU."""

    gates = ("q", "z", "n")
    recurrent_bias = True
    carry_gate = "z"
    source = "Cho et al. 2014"

    def activations(self, s, r, a, w):
        q, z = (sigmoid(r[name] + a[name]) for name in ("q", "z"))
        return {"q": q, "z": z, "n": (a["n"] + q * r["n"]).tanh()}

    def update(self, s, r, a, w):
        gate = self.activations(s, r, a, w)
        return {"h": (1 - gate["z"]) * gate["n"] + gate["z"] * s["h"]}

    def coefficients(self, s, r, a, w):
        gate = self.activations(s, r, a, w)
        q, z, n = (gate[name] for name in self.gates)
        into_n = (1 - z) * (1 - n**2)
        mix = {
            ("h", "q"): into_n * r["n"] * q * (1 - q),
            ("h", "z"): (s["h"] - n) * z * (1 - z),
            ("h", "n"): into_n * q,
        }
        return Coefficients(carry={("h", "h"): z}, mix=mix, drive={**mix, ("h", "n"): into_n})

    def state_bounds(self, w):
        return {"h": 1.0}

    def bounds(self, s, r, w):
        mix = {("h", "q"): r["n"] / 4, ("h", "z"): (s["h"] + 1) / 4, ("h", "n"): 1.0}
        return Coefficients(carry={("h", "h"): 1.0}, mix=mix)


CELL = GRU()
