"""Networks and inputs as a user of torch.nn would have them, seeded, and what torch itself says of their gradients."""

from __future__ import annotations

import torch
from torch import Tensor, nn

KINDS = ("tanh", "relu", "lstm", "gru")


def module(kind: str, layers: int = 1, *, features: int = 3, hidden: int = 5, dtype=torch.float64, **options):
    """Return a recurrent layer of torch.nn whose weights are about one over the root of the units."""
    options = {"batch_first": True, "num_layers": layers, "dtype": dtype} | options
    with torch.random.fork_rng():
        torch.manual_seed(len(kind) * 100 + layers)
        if kind in ("lstm", "gru"):
            return {"lstm": nn.LSTM, "gru": nn.GRU}[kind](features, hidden, **options)
        return nn.RNN(features, hidden, nonlinearity=kind, **options)


def inputs(count: int = 2, steps: int = 12, features: int = 3, dtype=torch.float64) -> Tensor:
    """Return (N, T, D) unit normal numbers."""
    return torch.randn(count, steps, features, generator=torch.Generator().manual_seed(5), dtype=dtype)


def flat_state(state) -> Tensor:
    """Return torch's last state as one vector in our order: layer by layer, h and then C."""
    parts = state if isinstance(state, tuple) else (state,)
    return torch.stack(parts, 1).flatten()


def unflatten(rnn: nn.RNNBase, vector: Tensor):
    """Return a state in our order as torch takes it, each part (layers, 1, H)."""
    count = 2 if rnn.mode == "LSTM" else 1
    parts = vector.reshape(rnn.num_layers, count, 1, rnn.hidden_size).unbind(1)
    return tuple(part.contiguous() for part in parts) if count == 2 else parts[0].contiguous()


def torch_jacobian(rnn: nn.RNNBase, sequence: Tensor, end: int, lag: int) -> Tensor:
    """Return ds_t/ds_{t-k} of all layers' states by torch's automatic differentiation of its own layer, (S, S)."""
    if end > lag:
        start = flat_state(rnn(sequence[None, : end - lag])[1])
    else:
        start = torch.zeros(rnn.num_layers * rnn.hidden_size * (2 if rnn.mode == "LSTM" else 1), dtype=sequence.dtype)
    piece = sequence[None, end - lag : end]
    return torch.autograd.functional.jacobian(lambda s: flat_state(rnn(piece, unflatten(rnn, s))[1]), start.detach())


def torch_input_gradient(rnn: nn.RNNBase, sequence: Tensor, end: int) -> Tensor:
    """Return ‖∂h(t)/∂x(t-k)‖ of the top layer's output for k = 0 ... t-1, by automatic differentiation."""
    whole = torch.autograd.functional.jacobian(lambda x: rnn(x[None])[0][0, end - 1], sequence[:end])
    return torch.linalg.matrix_norm(whole.transpose(0, 1)).flip(0)
