"""Gated linear attention (Yang et al. 2024, equations 3 and 4).

    A = D(a),  a = σ(a_f)^(1/16)                one number per key, of the input alone
    write k vᵀ,  read q/√K

The sixteenth root brings the gates near one: at a drive of zero a key keeps .958 of its state in a step.
"""

from typing import ClassVar

from whylstm.matrix_cells.base import MatrixCell, Step, sigmoid

SLOWER = 16
"""The paper's τ, the root that is taken of a gate."""


class GLA(MatrixCell):
    """Linear attention whose keys fade, each at a rate that the input sets."""

    drives: ClassVar = {"q": "key", "k": "key", "v": "value", "f": "key"}
    carry_drive = "f"
    source = "Yang et al. 2024"

    def step(self, a, w):
        scale = a["q"].shape[-1] ** -0.5
        return Step(carry=sigmoid(a["f"]) ** (1 / SLOWER), key=a["k"], value=a["v"], query=scale * a["q"])


CELL = GLA()
