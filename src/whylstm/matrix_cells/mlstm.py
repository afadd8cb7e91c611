"""Matrix LSTM (Beck et al. 2024, equations 19-27).

    A = f I,  f = σ(a_f),  i = exp(a_i)         one number each per head
    S' = f S + i k vᵀ,   n' = f n + i k         with k/√K; the normaliser n is one more column of S, whose value is 1
    y  = o Sᵀq / max(|nᵀq|, 1),   o = σ(a_o)

The state here is the unstabilised one. The paper's code keeps S e^{-m} with a running maximum m, which changes no y;
the Jacobian of *that* state over k steps is Π f times e^{m_{t-k} - m_t}, and that of this one Π f. The exponential
overflows only above 709 (88 in float32). The paper allows exp or σ for the forget gate; here it is σ.
"""

from typing import ClassVar

from whylstm.matrix_cells.base import MatrixCell, Step, sigmoid


class MLSTM(MatrixCell):
    """An LSTM whose cell is a matrix, and whose gates see the input alone."""

    drives: ClassVar = {"q": "key", "k": "key", "v": "value", "f": "one", "i": "one", "o": "value"}
    carry_drive = "f"
    source = "Beck et al. 2024"

    def columns(self, values):
        return values + 1

    def step(self, a, w):
        size = a["k"].shape[-1]
        column = a["v"].new_ones(1).expand(*a["v"].shape[:-1], 1)
        value = a["i"].exp() * _beside(a["v"], column)
        return Step(sigmoid(a["f"]).expand_as(a["k"]), a["k"] * size**-0.5, value, a["q"])

    def read(self, state, query, a):
        both = (query[..., None, :] @ state)[..., 0, :]
        return sigmoid(a["o"]) * both[..., :-1] / both[..., -1:].abs().clamp(min=1)


def _beside(left, right):
    """Return two tensors side by side, along the last axis."""
    size = left.shape[-1]
    out = left.new_zeros(*left.shape[:-1], size + right.shape[-1])
    return out.slice_scatter(left, -1, 0, size).slice_scatter(right, -1, size)


CELL = MLSTM()
