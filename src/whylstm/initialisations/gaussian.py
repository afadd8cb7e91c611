"""Gaussian: U ~ N(0, gain²/H), W ~ N(0, input_scale²/D), biases 0 except the forget bias. The axes of the main grid."""

from whylstm.initialisations.base import Initialisation, biases, complete, gaussian_inputs, gaussian_recurrent


class Gaussian(Initialisation):
    """The ensemble of the mean-field theory: the gain σ_w and the forget bias b_f are the study's two main axes."""

    reads = ("gain", "forget_bias", "input_scale")
    source = "Chen, Pennington & Schoenholz 2018"

    def weights(
        self, cell, hidden, features, draw, *, gain=1.0, forget_bias=0.0, input_scale=1.0, t_max=None, **options
    ):
        tensors = {
            "U": gaussian_recurrent(cell, hidden, draw, gain),
            "W": gaussian_inputs(cell, hidden, features, draw, input_scale),
            "b": biases(cell, hidden, {cell.carry_gate: forget_bias}),
        }
        return complete(cell, hidden, draw, options, tensors)


INITIALISATION = Gaussian()
