"""Mamba-2, the scalar state space (Dao & Gu 2024, equations 1 and 16).

    A = α I,  α = exp(-Δ exp(rate)),  Δ = softplus(pace - a_f)      one number per head
    write Δ k vᵀ,  read q

The published code adds the drive; it is subtracted here, so that a larger bias of f keeps more. The start is the
paper's: exp(rate) ~ U(1, 16), and softplus(pace) log-uniform from .001 to .1.
"""

from typing import ClassVar

from whylstm.matrix_cells.base import MatrixCell, Step, log_decay, softplus, spread_decays


class Mamba2(MatrixCell):
    """A state that fades as a whole, at a rate that the input sets."""

    drives: ClassVar = {"q": "key", "k": "key", "v": "value", "f": "one"}
    extras: ClassVar = {"rate": "one", "pace": "one"}
    carry_drive = "f"
    source = "Dao & Gu 2024"

    def initial_extras(self, shapes, draw):
        return spread_decays(shapes, draw)

    def step(self, a, w):
        pace = softplus(w["pace"] - a["f"])
        return Step(log_decay(a, w).exp().expand_as(a["k"]), pace * a["k"], a["v"], a["q"])


CELL = Mamba2()
