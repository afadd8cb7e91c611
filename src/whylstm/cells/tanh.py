"""Simple recurrent network: h' = tanh(U h + W x + b) (Elman 1990). Every path of lag k passes k recurrent matrices."""

from whylstm.cells.base import Cell, Coefficients


class Tanh(Cell):
    """h' = tanh(r + a); no carry, J = D(1 - h'²) U."""

    gates = ("h",)
    source = "Elman 1990"

    def update(self, s, r, a, w):
        return {"h": (r["h"] + a["h"]).tanh()}

    def coefficients(self, s, r, a, w):
        return Coefficients(mix={("h", "h"): 1 - (r["h"] + a["h"]).tanh() ** 2})

    def state_bounds(self, w):
        return {"h": 1.0}

    def bounds(self, s, r, w):
        return Coefficients(mix={("h", "h"): 1.0})


CELL = Tanh()
