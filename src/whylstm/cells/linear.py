"""Linear recurrent network: h' = U h + W x + b. The exact control: its lag Jacobian is U^k."""

from whylstm.cells.base import Cell, Coefficients


class Linear(Cell):
    """h' = r + a; no carry, J = U."""

    gates = ("h",)
    source = "control"

    def update(self, s, r, a, w):
        return {"h": r["h"] + a["h"]}

    def coefficients(self, s, r, a, w):
        return Coefficients(mix={("h", "h"): r["h"].new_ones(()).expand_as(r["h"])})

    def bounds(self, s, r, w):
        return Coefficients(mix={("h", "h"): 1.0})


CELL = Linear()
