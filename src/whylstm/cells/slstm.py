"""Scalar LSTM with exponential gating and a normaliser (Beck et al. 2024, equations 8-14).

    i = exp(r_i + a_i),  f, o = σ(r + a),  z = tanh(r_z + a_z)
    C' = f C + i z
    n' = f n + i                                the normaliser counts what went in
    h' = o C'/n'                                |C| ≤ n, so |h| ≤ 1

The paper allows exp or σ for the forget gate; here it is σ, with which n stays finite. The paper's stabiliser
(equations 15-17) changes neither h nor its derivatives; the state here is the unstabilised (h, C, n), whose exponential
gate overflows only above 709 (88 in float32). With y = C'/n',

    ∂h'/∂C = o f/n',   ∂h'/∂n = -o y f/n',   and the same through i, f and z.

C and n can be of any size, and so can the blocks between them and h; the h→h block does not depend on that size.
"""

import math

from whylstm.cells.base import Cell, Coefficients, sigmoid


class SLSTM(Cell):
    """An LSTM whose input gate can outweigh everything that it has stored."""

    parts = ("h", "c", "n")
    gates = ("i", "f", "z", "o")
    carry_gate = "f"
    input_gate = "i"
    source = "Beck et al. 2024"

    def activations(self, s, r, a, w):
        f, o = (sigmoid(r[name] + a[name]) for name in ("f", "o"))
        return {"i": (r["i"] + a["i"]).exp(), "f": f, "z": (r["z"] + a["z"]).tanh(), "o": o}

    def update(self, s, r, a, w):
        gate = self.activations(s, r, a, w)
        c = gate["f"] * s["c"] + gate["i"] * gate["z"]
        n = gate["f"] * s["n"] + gate["i"]
        return {"h": gate["o"] * (c / n), "c": c, "n": n}

    def coefficients(self, s, r, a, w):
        gate = self.activations(s, r, a, w)
        i, f, z, o = (gate[name] for name in self.gates)
        n = f * s["n"] + i
        y = (f * s["c"] + i * z) / n
        into_c = {"i": i * z, "f": s["c"] * f * (1 - f), "z": i * (1 - z**2)}
        into_n = {"i": i, "f": s["n"] * f * (1 - f)}
        mix = {("c", name): value for name, value in into_c.items()}
        mix |= {("n", name): value for name, value in into_n.items()}
        mix |= {("h", name): o * (into_c[name] - y * into_n.get(name, 0)) / n for name in into_c}
        carry = {("c", "c"): f, ("n", "n"): f, ("h", "c"): o * f / n, ("h", "n"): -o * y * f / n}
        return Coefficients(carry=carry, mix=mix | {("h", "o"): y * o * (1 - o)})

    def state_bounds(self, w):
        return {"h": 1.0, "c": math.inf, "n": math.inf}

    def bounds(self, s, r, w):
        # Into h: with u = f n/n' the weight of the past and m = C/n its mean, y = u m + (1 - u) z. So the paths through
        # i and f are o u(1-u)(z - m), times 1 - f for the latter, and each is at most 2/4.
        mix = {("c", "i"): math.inf, ("c", "f"): s["c"] / 4, ("c", "z"): math.inf}
        mix |= {("n", "i"): math.inf, ("n", "f"): s["n"] / 4}
        mix |= {("h", "i"): 0.5, ("h", "f"): 0.5, ("h", "z"): 1.0, ("h", "o"): 0.25}
        carry = {("c", "c"): 1.0, ("n", "n"): 1.0, ("h", "c"): math.inf, ("h", "n"): math.inf}
        return Coefficients(carry=carry, mix=mix)


CELL = SLSTM()
