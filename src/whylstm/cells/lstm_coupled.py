"""Long short-term memory with coupled gates: it takes in as much as it forgets (Greff et al. 2017, variant CIFG).

f, o = σ(r + a),  g = tanh(r + a)
C' = f C + (1 - f) g                        a weighted mean, so |C| ≤ 1 for ever
h' = o tanh C'
"""

import math

from whylstm.cells.base import Cell, Coefficients, sigmoid


class LSTMCoupled(Cell):
    """An LSTM with i = 1 - f, and so with a bounded memory."""

    parts = ("h", "c")
    gates = ("f", "g", "o")
    carry_gate = "f"
    source = "Greff et al. 2017"

    def activations(self, s, r, a, w):
        f, o = (sigmoid(r[name] + a[name]) for name in ("f", "o"))
        return {"i": 1 - f, "f": f, "g": (r["g"] + a["g"]).tanh(), "o": o}

    def update(self, s, r, a, w):
        gate = self.activations(s, r, a, w)
        c = gate["f"] * s["c"] + gate["i"] * gate["g"]
        return {"h": gate["o"] * c.tanh(), "c": c}

    def exposure(self, s, r, a, w):
        o, c = self.activations(s, r, a, w)["o"], self.update(s, r, a, w)["c"]
        return o * (1 - c.tanh() ** 2)

    def coefficients(self, s, r, a, w):
        gate = self.activations(s, r, a, w)
        f, g, o = (gate[name] for name in self.gates)
        tanh_c = (f * s["c"] + (1 - f) * g).tanh()
        d = o * (1 - tanh_c**2)
        into_c = {"f": (s["c"] - g) * f * (1 - f), "g": (1 - f) * (1 - g**2)}
        mix = {("c", name): value for name, value in into_c.items()}
        mix |= {("h", name): d * value for name, value in into_c.items()}
        mix["h", "o"] = tanh_c * o * (1 - o)
        return Coefficients(carry={("c", "c"): f, ("h", "c"): d * f}, mix=mix)

    def state_bounds(self, w):
        return {"h": math.tanh(1), "c": 1.0}

    def bounds(self, s, r, w):
        into_c = {"f": (s["c"] + 1) / 4, "g": 1.0}
        mix = {(part, name): bound for part in self.parts for name, bound in into_c.items()}
        through_o = math.tanh(min(s["c"] + 1, 1e3)) / 4
        return Coefficients(carry={("c", "c"): 1.0, ("h", "c"): 1.0}, mix=mix | {("h", "o"): through_o})


CELL = LSTMCoupled()
