"""What ``torch.nn.RNN``, ``LSTM`` and ``GRU`` start from: U(-1/√H, 1/√H) for every weight and for both biases.

Torch has two biases per gate, b_ih and b_hh. A cell whose recurrent drives have their own bias keeps both, b = b_ih
and c = b_hh; elsewhere only their sum matters, b = b_ih + b_hh. A gate without a recurrent matrix has b_ih alone.
Cells that torch does not have get the same law.
"""

import numpy as np

from whylstm.initialisations.base import Initialisation, complete


class TorchDefault(Initialisation):
    """PyTorch's default: a gain of 1/√3 in the Gaussian sense (Var U = 1/3H), and no forget bias."""

    source = "torch.nn.LSTM, torch.nn.GRU, torch.nn.RNN"

    def weights(
        self, cell, hidden, features, draw, *, gain=1.0, forget_bias=0.0, input_scale=1.0, t_max=None, **options
    ):
        def uniform(tensor, gates, *shape):
            numbers = [draw.uniform(f"{tensor}.{gate}", shape) for gate in gates]
            return (2 * np.array(numbers).reshape(len(gates), *shape) - 1) / np.sqrt(hidden)

        tensors = {
            "U": uniform("U", cell.recurrent_gates, hidden, hidden),
            "W": uniform("W", cell.gates, hidden, features),
            "b": uniform("b_ih", cell.gates, hidden),
        }
        second = uniform("b_hh", cell.recurrent_gates, hidden)
        if cell.recurrent_bias:
            tensors["c"] = second
        else:
            for gate, bias in zip(cell.recurrent_gates, second, strict=True):
                tensors["b"][cell.gates.index(gate)] += bias
        return complete(cell, hidden, draw, options, tensors)


INITIALISATION = TorchDefault()
