"""The delta rule: replace what is stored under a key (Schlag et al. 2021, equation 24; Yang et al. 2024).

    A = I - β k kᵀ,  β = σ(a_b),  |k| = 1       eigenvalues 1, K - 1 times, and 1 - β
    write β k vᵀ,  read q

What stood under k fades by 1 - β and v takes its place; nothing else changes. That keys have unit length is what keeps
‖A‖ at one: with longer ones β |k|² can exceed 2, and the state explodes. Query and key are drives at unit length; the
published layers pass them through a SiLU first.
"""

from typing import ClassVar

from whylstm.matrix_cells.base import MatrixCell, Step, sigmoid, unit


class DeltaNet(MatrixCell):
    """A memory that overwrites, key by key, and forgets nothing else."""

    drives: ClassVar = {"q": "key", "k": "key", "v": "value", "b": "one"}
    source = "Schlag et al. 2021; Yang et al. 2024"

    def step(self, a, w):
        key, strength = unit(a["k"]), sigmoid(a["b"])
        written = strength * key
        return Step(key * 0 + 1, written, a["v"], unit(a["q"]), left=-written, right=key)


CELL = DeltaNet()
