"""Simple recurrent network of rectified linear units: h' = max(0, U h + W x + b).

Started from U = I it is the IRNN (Le, Jaitly & Hinton 2015, section 3); here U is whatever the initialisation says.
"""

from whylstm.cells.base import Cell, Coefficients


class ReLU(Cell):
    """h' = max(0, r + a); no carry, J = D(1 where r + a > 0) U. At the kink itself the slope is 0, as in torch."""

    gates = ("h",)
    source = "Le, Jaitly & Hinton 2015"

    def update(self, s, r, a, w):
        return {"h": (r["h"] + a["h"]).relu()}

    def coefficients(self, s, r, a, w):
        drive = r["h"] + a["h"]
        return Coefficients(mix={("h", "h"): (drive > 0).to(drive.dtype)})

    def bounds(self, s, r, w):
        return Coefficients(mix={("h", "h"): 1.0})


CELL = ReLU()
