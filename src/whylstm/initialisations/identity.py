"""Identity: U = gain·I for every gate; the rest as in the Gaussian initialisation (Le, Jaitly & Hinton 2015).

With a ReLU cell and gain 1 this is the IRNN: without input it keeps a positive state for ever. The paper's input
weights are N(0, .001²); ours have the scale that every initialisation here has.
"""

import numpy as np

from whylstm.initialisations.base import Initialisation, biases, complete, gaussian_inputs


class Identity(Initialisation):
    """Scaled identity recurrent matrices."""

    reads = ("gain", "forget_bias", "input_scale")
    source = "Le, Jaitly & Hinton 2015"

    def weights(
        self, cell, hidden, features, draw, *, gain=1.0, forget_bias=0.0, input_scale=1.0, t_max=None, **options
    ):
        tensors = {
            "U": gain * np.broadcast_to(np.eye(hidden), (len(cell.recurrent_gates), hidden, hidden)),
            "W": gaussian_inputs(cell, hidden, features, draw, input_scale),
            "b": biases(cell, hidden, {cell.carry_gate: forget_bias}),
        }
        return complete(cell, hidden, draw, options, tensors)


INITIALISATION = Identity()
