"""RWKV-7, a generalised delta rule (Peng et al. 2025, equations 15-17).

    A = D(d) - (g ⊙ κ) κᵀ,  κ = unit(scale ⊙ k),  g = σ(a_g),  d = exp(-e^(-1/2) σ(-a_f))
    write k̃ vᵀ,  k̃ = k ⊙ (1 + (g - 1) ⊙ bend),  read q

Decay d and rate g are numbers per key: d lies in (.545, 1). The paper multiplies its state from the right, which is
the transpose of this. As d and g are both diagonal, A is similar to the symmetric D(d) - (√g κ)(√g κ)ᵀ: its eigenvalues
are real, above .545 - 1 and below 1. But it is not symmetric itself, and one step can have a norm above one. With
P = κ κᵀ, A = D(d)(I - P) + D(d - g) P acts on two orthogonal parts of its argument, so that ‖A‖² ≤ 1 + 1. The drive of
the decay is negated here, so that a larger bias of f keeps more; scale and bend start at one.
"""

import math
from typing import ClassVar

from whylstm.matrix_cells.base import MatrixCell, Step, sigmoid, unit

FASTEST = math.exp(-0.5)
"""The largest -ln d."""


class RWKV7(MatrixCell):
    """A memory whose keys fade and are overwritten, each at rates of their own."""

    drives: ClassVar = {"q": "key", "k": "key", "v": "value", "f": "key", "g": "key"}
    extras: ClassVar = {"scale": "key", "bend": "key"}
    carry_drive = "f"
    eigenvalues = (math.exp(-FASTEST) - 1, 1.0)
    norm = math.sqrt(2.0)
    source = "Peng et al. 2025"

    def initial_extras(self, shapes, draw):
        return {name: draw.uniform(name, shape) * 0 + 1 for name, shape in shapes.items()}

    def step(self, a, w):
        erased, rate = unit(w["scale"] * a["k"]), sigmoid(a["g"])
        decay = (-FASTEST * sigmoid(-a["f"])).exp()
        written = a["k"] * (1 + (rate - 1) * w["bend"])
        return Step(decay, written, a["v"], a["q"], left=-rate * erased, right=erased)


CELL = RWKV7()
