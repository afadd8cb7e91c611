"""Long short-term memory whose gates see the memory (Gers, Schraudolph & Schmidhuber 2002, section 3).

    i, f = σ(r + a + p C)                       the gates into the memory see the old C
    C' = f C + i g,  g = tanh(r + a)
    o = σ(r_o + a_o + p_o C')                   the output gate sees the new one
    h' = o tanh C'

A peephole p is one number per unit, not a matrix, so what passes it is carry, and the direct path is no longer f:

    φ = ∂C'/∂C = f + C f(1-f) p_f + g i(1-i) p_i
    d = ∂h'/∂C' = o (1 - tanh² C') + tanh C' · o(1-o) p_o

with carry D(φ) on C and D(d φ) into h. Peepholes start like PyTorch's LSTM weights, U(-1/√H, 1/√H).
"""

import math
from typing import ClassVar

from whylstm.cells.base import Cell, Coefficients, sigmoid


class LSTMPeephole(Cell):
    """An LSTM with peephole connections, one per unit and gate."""

    parts = ("h", "c")
    gates = ("i", "f", "g", "o")
    carry_gate = "f"
    input_gate = "i"
    extras: ClassVar = {"p_i": 0.0, "p_f": 0.0, "p_o": 0.0}
    source = "Gers, Schraudolph & Schmidhuber 2002"

    def initial_extras(self, hidden, draw):
        return {name: (2 * draw.uniform(name, (hidden,)) - 1) / math.sqrt(hidden) for name in self.extras}

    def activations(self, s, r, a, w):
        i, f = (sigmoid(r[name] + a[name] + w[f"p_{name}"] * s["c"]) for name in ("i", "f"))
        g = (r["g"] + a["g"]).tanh()
        o = sigmoid(r["o"] + a["o"] + w["p_o"] * (f * s["c"] + i * g))
        return {"i": i, "f": f, "g": g, "o": o}

    def update(self, s, r, a, w):
        gate = self.activations(s, r, a, w)
        c = gate["f"] * s["c"] + gate["i"] * gate["g"]
        return {"h": gate["o"] * c.tanh(), "c": c}

    def exposure(self, s, r, a, w):
        o, tanh_c = self.activations(s, r, a, w)["o"], self.update(s, r, a, w)["c"].tanh()
        return o * (1 - tanh_c**2) + tanh_c * o * (1 - o) * w["p_o"]

    def coefficients(self, s, r, a, w):
        gate = self.activations(s, r, a, w)
        i, f, g, o = (gate[name] for name in self.gates)
        tanh_c = (f * s["c"] + i * g).tanh()
        through_o = tanh_c * o * (1 - o)
        d = o * (1 - tanh_c**2) + through_o * w["p_o"]
        into_c = {"i": g * i * (1 - i), "f": s["c"] * f * (1 - f), "g": i * (1 - g**2)}
        phi = f + into_c["f"] * w["p_f"] + into_c["i"] * w["p_i"]
        mix = {("c", name): value for name, value in into_c.items()}
        mix |= {("h", name): d * value for name, value in into_c.items()}
        return Coefficients(carry={("c", "c"): phi, ("h", "c"): d * phi}, mix=mix | {("h", "o"): through_o})

    def state_bounds(self, w):
        return {"h": 1.0, "c": math.inf}

    def bounds(self, s, r, w):
        into_c = {"i": 0.25, "f": s["c"] / 4, "g": 1.0}
        past_tanh = into_c | {"f": min(s["c"] / 4, 1.2)}  # times 1 - tanh² C', as in lstm
        phi, seen = (1 + terms["f"] * w["p_f"] + terms["i"] * w["p_i"] for terms in (into_c, past_tanh))
        mix = {("c", name): bound for name, bound in into_c.items()} | {("h", "o"): 0.25}
        mix |= {("h", name): past_tanh[name] + w["p_o"] / 4 * into_c[name] for name in into_c}
        return Coefficients(carry={("c", "c"): phi, ("h", "c"): seen + w["p_o"] / 4 * phi}, mix=mix)


CELL = LSTMPeephole()
