"""What ``keras.layers.SimpleRNN``, ``LSTM`` and ``GRU`` start from: Glorot-uniform W, orthogonal U, forget bias 1.

Keras holds the gates' matrices side by side in one kernel and initialises the kernel as a whole:

- the recurrent kernel (H, R·H) has orthonormal *rows*. Its square blocks, our transposed U_g, are not orthogonal for
  R > 1: Σ_g U_gᵀ U_g = I, so each has entries of variance 1/(R·H), a gain of 1/√R in the Gaussian sense;
- the kernel (D, G·H) is uniform within ±√(6/(D + G·H)), which counts all the gates as outputs;
- biases are zero, except those of an LSTM's forget gate, which are 1 (``unit_forget_bias``). The GRU has no such bias,
  so only a carry gate that is called f gets it.
"""

import numpy as np

from whylstm.initialisations.base import Initialisation, biases, complete, orthonormal, unit_recurrent


class KerasDefault(Initialisation):
    """Keras's default (kernel_initializer, recurrent_initializer, unit_forget_bias)."""

    source = "keras.layers.LSTM, keras.layers.GRU, keras.layers.SimpleRNN; Jozefowicz et al. 2015 for the forget bias"

    def weights(
        self, cell, hidden, features, draw, *, gain=1.0, forget_bias=0.0, input_scale=1.0, t_max=None, **options
    ):
        unit = unit_recurrent(cell, hidden, draw)
        limit = np.sqrt(6 / (features + len(cell.gates) * hidden))
        inputs = np.stack([draw.uniform(f"W.{gate}", (hidden, features)) for gate in cell.gates])
        tensors = {
            "U": orthonormal(unit.reshape(-1, hidden)).reshape(unit.shape) if len(unit) else unit,
            "W": limit * (2 * inputs - 1),
            "b": biases(cell, hidden, {"f": 1.0} if cell.carry_gate == "f" else {}),
        }
        return complete(cell, hidden, draw, options, tensors)


INITIALISATION = KerasDefault()
