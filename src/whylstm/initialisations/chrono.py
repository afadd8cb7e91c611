"""Chrono: forget biases spread so that the units' memories span the expected lags (Tallec & Ollivier 2018).

    b_f = log u,  u ~ U(1, T_max - 1),     b_i = -b_f

With silent drives f = u/(1+u): unit by unit, the memory 1/(1-f) = 1 + u is uniform over (2, T_max). A cell without an
input gate gets b_f alone, as the paper's GRU does. Matrices as in the Gaussian initialisation; other biases 0.
"""

import numpy as np

from whylstm.errors import StudyError
from whylstm.initialisations.base import Initialisation, biases, complete, gaussian_inputs, gaussian_recurrent


class Chrono(Initialisation):
    """Gaussian matrices and chrono biases; ``t_max`` is the longest dependency, usually the sequence's length."""

    reads = ("gain", "input_scale", "t_max")
    needs_carry_gate = True
    source = "Tallec & Ollivier 2018"

    def weights(
        self, cell, hidden, features, draw, *, gain=1.0, forget_bias=0.0, input_scale=1.0, t_max=None, **options
    ):
        self.check(cell)
        if t_max is None or not 2 < t_max < np.inf:
            raise StudyError(f"t_max: {t_max} is not allowed for initialisation 'chrono'; allowed: more than 2 steps")
        b_f = np.log(1 + (t_max - 2) * draw.uniform("b.chrono", (hidden,)))
        tensors = {
            "U": gaussian_recurrent(cell, hidden, draw, gain),
            "W": gaussian_inputs(cell, hidden, features, draw, input_scale),
            "b": biases(cell, hidden, {cell.carry_gate: b_f, cell.input_gate: -b_f}),
        }
        return complete(cell, hidden, draw, options, tensors)


INITIALISATION = Chrono()
