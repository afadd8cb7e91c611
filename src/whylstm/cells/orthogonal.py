"""Simple recurrent network whose U starts orthogonal: h' = tanh(U h + W x + b) (Saxe, McClelland & Ganguli 2014).

The cell of ``tanh`` with all singular values of U equal to one: only the slope of tanh shrinks a gradient then.
"""

from whylstm.cells.base import Cell, Coefficients


class Orthogonal(Cell):
    """h' = tanh(r + a); no carry, J = D(1 - h'²) U."""

    gates = ("h",)
    initialisation = "orthogonal"
    source = "Saxe, McClelland & Ganguli 2014"

    def update(self, s, r, a, w):
        return {"h": (r["h"] + a["h"]).tanh()}

    def coefficients(self, s, r, a, w):
        return Coefficients(mix={("h", "h"): 1 - (r["h"] + a["h"]).tanh() ** 2})

    def state_bounds(self, w):
        return {"h": 1.0}

    def bounds(self, s, r, w):
        return Coefficients(mix={("h", "h"): 1.0})


CELL = Orthogonal()
