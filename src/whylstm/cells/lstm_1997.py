"""Long short-term memory as it began, without a forget gate (Hochreiter & Schmidhuber 1997, section 4).

    i, o = σ(r + a),  g = tanh(r + a)
    C' = C + i g                                the constant error carousel: ∂C'/∂C = 1
    h' = o tanh C'

The paper squashes with 4σ(x) - 2 into g and 2σ(x) - 1 out of C; both are tanh here, so that the only difference from
``lstm`` is the missing gate. C is a sum and can drift without bound. Its Jacobian is that of ``lstm`` with f = 1.
"""

import math

from whylstm.cells.base import Cell, Coefficients, sigmoid


class LSTM1997(Cell):
    """An LSTM that cannot forget."""

    parts = ("h", "c")
    gates = ("i", "g", "o")
    input_gate = "i"
    source = "Hochreiter & Schmidhuber 1997"

    def activations(self, s, r, a, w):
        gates = {name: sigmoid(r[name] + a[name]) for name in ("i", "o")}
        return {**gates, "g": (r["g"] + a["g"]).tanh()}

    def update(self, s, r, a, w):
        gate = self.activations(s, r, a, w)
        c = s["c"] + gate["i"] * gate["g"]
        return {"h": gate["o"] * c.tanh(), "c": c}

    def exposure(self, s, r, a, w):
        o, c = self.activations(s, r, a, w)["o"], self.update(s, r, a, w)["c"]
        return o * (1 - c.tanh() ** 2)

    def coefficients(self, s, r, a, w):
        gate = self.activations(s, r, a, w)
        i, g, o = (gate[name] for name in self.gates)
        tanh_c = (s["c"] + i * g).tanh()
        d = o * (1 - tanh_c**2)
        into_c = {"i": g * i * (1 - i), "g": i * (1 - g**2)}
        mix = {("c", name): value for name, value in into_c.items()}
        mix |= {("h", name): d * value for name, value in into_c.items()}
        mix["h", "o"] = tanh_c * o * (1 - o)
        return Coefficients(carry={("c", "c"): d.new_ones(()).expand_as(d), ("h", "c"): d}, mix=mix)

    def state_bounds(self, w):
        return {"h": 1.0, "c": math.inf}

    def bounds(self, s, r, w):
        mix = {(part, name): bound for part in self.parts for name, bound in {"i": 0.25, "g": 1.0}.items()}
        return Coefficients(carry={("c", "c"): 1.0, ("h", "c"): 1.0}, mix=mix | {("h", "o"): 0.25})


CELL = LSTM1997()
