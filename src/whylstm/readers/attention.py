"""Causal attention with one head: each step looks at all steps before it at once (Vaswani et al. 2017).

    e_s = tanh(W x_s + b)                             what a step holds, by itself
    q_t = U_q e_t + c_q,  k_s, v_s alike              query, key, value
    a_ts = softmax_{s ≤ t} (R_t q_t)·(R_s k_s) / √H
    h_t = Σ_{s ≤ t} a_ts v_s

R_t turns the numbers 2j and 2j+1 of a vector by the angle t·10000^(-2j/H) (rotary position, Su et al. 2021), so that
a weight depends on the distance of two steps; it has no parameters, and any length will do. From input to answer there
is one step, whatever the distance: no product of Jacobians, and nothing to carry.

As a reader it has the tensors of a cell: one input matrix, and three H × H matrices that no state ever passes.
:mod:`whylstm.training.attention` computes it and its gradient.
"""

from whylstm.cells.base import Reader


class Attention(Reader):
    """One layer, one head, no residual path: what attention by itself can do."""

    gates = ("e",)
    recurrent = ("q", "k", "v")
    recurrent_bias = True
    source = "Vaswani et al. 2017; rotary positions: Su et al. 2021"


READER = Attention()
