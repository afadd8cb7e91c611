"""The delta rule with a decay (Yang, Kautz & Hatamizadeh 2025, equation 10).

    A = α (I - β k kᵀ),  β = σ(a_b),  |k| = 1   eigenvalues α, K - 1 times, and α (1 - β)
    write β k vᵀ,  read q

α is one number per head, exp(-Δ exp(rate)) with Δ = softplus(pace - a_f), and starts as in ``mamba2``. A published
variant takes the erased part from the state before its decay, α I - β k kᵀ: that is another recurrence.
"""

from typing import ClassVar

from whylstm.matrix_cells.base import MatrixCell, Step, log_decay, sigmoid, spread_decays, unit


class GatedDeltaNet(MatrixCell):
    """A memory that overwrites key by key, and can forget all at once."""

    drives: ClassVar = {"q": "key", "k": "key", "v": "value", "b": "one", "f": "one"}
    extras: ClassVar = {"rate": "one", "pace": "one"}
    carry_drive = "f"
    source = "Yang, Kautz & Hatamizadeh 2025"

    def initial_extras(self, shapes, draw):
        return spread_decays(shapes, draw)

    def step(self, a, w):
        key, decay = unit(a["k"]), log_decay(a, w).exp()
        written = sigmoid(a["b"]) * key
        return Step(decay.expand_as(key), written, a["v"], unit(a["q"]), left=-decay * written, right=key)


CELL = GatedDeltaNet()
