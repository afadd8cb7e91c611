"""Long short-term memory with a forget gate (Hochreiter & Schmidhuber 1997; Gers, Schmidhuber & Cummins 2000).

    i, f, o = σ(r + a),  g = tanh(r + a)        one drive each
    C' = f C + i g
    h' = o tanh C'

With d = o (1 - tanh² C'), the direct exposure of the memory, the one-step Jacobian of (h, C) is

    J = [[ D(d) A + O,  D(d f) ],       A = D(g i(1-i)) U_i + D(C f(1-f)) U_f + D(i (1-g²)) U_g
         [ A,           D(f)   ]]       O = D(tanh C' · o(1-o)) U_o

The two diagonal blocks on the right are the carry. The article's product of forget gates is the C→C block of their
product, and nothing else.
"""

import math

from whylstm.cells.base import Cell, Coefficients, sigmoid


class LSTM(Cell):
    """The cell of torch.nn.LSTM, with the gates named as in the article: input, forget, candidate, output."""

    parts = ("h", "c")
    gates = ("i", "f", "g", "o")
    carry_gate = "f"
    input_gate = "i"
    source = "Gers, Schmidhuber & Cummins 2000"

    def activations(self, s, r, a, w):
        gates = {name: sigmoid(r[name] + a[name]) for name in ("i", "f", "o")}
        return {**gates, "g": (r["g"] + a["g"]).tanh()}

    def update(self, s, r, a, w):
        gate = self.activations(s, r, a, w)
        c = gate["f"] * s["c"] + gate["i"] * gate["g"]
        return {"h": gate["o"] * c.tanh(), "c": c}

    def exposure(self, s, r, a, w):
        o, c = self.activations(s, r, a, w)["o"], self.update(s, r, a, w)["c"]
        return o * (1 - c.tanh() ** 2)

    def coefficients(self, s, r, a, w):
        gate = self.activations(s, r, a, w)
        i, f, g, o = (gate[name] for name in self.gates)
        tanh_c = (f * s["c"] + i * g).tanh()
        d = o * (1 - tanh_c**2)
        into_c = {"i": g * i * (1 - i), "f": s["c"] * f * (1 - f), "g": i * (1 - g**2)}
        mix = {("c", name): value for name, value in into_c.items()}
        mix |= {("h", name): d * value for name, value in into_c.items()}
        mix["h", "o"] = tanh_c * o * (1 - o)
        return Coefficients(carry={("c", "c"): f, ("h", "c"): d * f}, mix=mix)

    def state_bounds(self, w):
        return {"h": 1.0, "c": math.inf}

    def bounds(self, s, r, w):
        mix = {(part, name): bound for part in self.parts for name, bound in {"i": 0.25, "g": 1.0}.items()}
        # A large C is itself what shuts the way into h: with u = f C, d C f(1-f) ≤ u (1 - tanh²(u - 1)) < 1.2.
        mix |= {("c", "f"): s["c"] / 4, ("h", "f"): min(s["c"] / 4, 1.2), ("h", "o"): 0.25}
        return Coefficients(carry={("c", "c"): 1.0, ("h", "c"): 1.0}, mix=mix)


CELL = LSTM()
