"""Orthogonal: U = gain·Q with QᵀQ = I, uniform over the orthogonal group; the rest as in the Gaussian initialisation.

At gain 1 every singular value of U is 1, so that U alone neither shrinks nor stretches (Saxe et al. 2014).
"""

import numpy as np

from whylstm.initialisations.base import Initialisation, biases, complete, gaussian_inputs, orthonormal, unit_recurrent


class Orthogonal(Initialisation):
    """One orthogonal matrix per gate, made from the Gaussian initialisation's own numbers."""

    reads = ("gain", "forget_bias", "input_scale")
    source = "Saxe, McClelland & Ganguli 2014"

    def weights(
        self, cell, hidden, features, draw, *, gain=1.0, forget_bias=0.0, input_scale=1.0, t_max=None, **options
    ):
        unit = unit_recurrent(cell, hidden, draw)
        tensors = {
            "U": gain * np.array([orthonormal(matrix) for matrix in unit]).reshape(unit.shape),
            "W": gaussian_inputs(cell, hidden, features, draw, input_scale),
            "b": biases(cell, hidden, {cell.carry_gate: forget_bias}),
        }
        return complete(cell, hidden, draw, options, tensors)


INITIALISATION = Orthogonal()
