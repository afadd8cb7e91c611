"""The delta rule with eigenvalues down to -1 (Grazzi et al. 2025, equation 7).

    A = I - 2 β k kᵀ,  β = σ(a_b),  |k| = 1     eigenvalues 1, K - 1 times, and 1 - 2 β
    write 2 β k vᵀ,  read q

At β = 1 a step is a reflection: what stands under k changes its sign, or two keys change places. One such step tells
parity, and one swap of things; a permutation of n things takes up to n - 1 of them.
"""

from typing import ClassVar

from whylstm.matrix_cells.base import MatrixCell, Step, sigmoid, unit


class DeltaNetSigned(MatrixCell):
    """A memory that can reflect its state."""

    drives: ClassVar = {"q": "key", "k": "key", "v": "value", "b": "one"}
    eigenvalues = (-1.0, 1.0)
    source = "Grazzi et al. 2025"

    def step(self, a, w):
        key = unit(a["k"])
        written = 2 * sigmoid(a["b"]) * key
        return Step(key * 0 + 1, written, a["v"], unit(a["q"]), left=-written, right=key)


CELL = DeltaNetSigned()
