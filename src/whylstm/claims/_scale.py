"""The thresholds that several claims share, each argued once.

*Equal* and *different*. Two sides of an equation are compared in float64 by ‖difference‖ / ‖truth‖. Rounding is 1e-16
per operation and, after sums of some thousand terms with mild cancellation, stays below 1e-12. At 1e-8, half of the
digits agree: no wrong or missing term can hide there unless it is itself that small. At 1e-3 the difference is seen in
the third digit, far above any rounding. What lies between is neither, and is not decided.

*Safe*. A gradient is safe over a distance if it changes by less than two decades, either way. One learning rate must
serve the near and the far: rates are searched over about two decades around the best one, so a factor of a hundred can
still be bridged, and more cannot. The distance is a hundred steps: the article speaks of long sequences without a
number, and a hundred steps is where Hochreiter & Schmidhuber (1997) set their long lags. Per step this is ln(100)/100 =
0.046 nats. Below -0.046 a gradient vanishes, above 0.046 it explodes, and what lies between is called safe.

*Enough*. A verdict over the points of a grid needs at least three that are decided: with fewer, one axis of the grid
has no two values, and no dependence could be seen. A statement about all points needs nine in ten of them decided:
points whose interval holds the threshold speak neither for nor against it, but they must not be most of the evidence.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from whylstm.claims.base import Verdict

EQUAL, DIFFERENT = -8.0, -3.0
DECADES, STEPS = 2.0, 100
RATE = DECADES * math.log(10) / STEPS
FEWEST, MOSTLY = 3, 0.9
LEAST_COVERAGE = 0.5
"""An interval that encloses the median less often than not decides nothing: a single replicate has coverage 0."""


def universal(yes: float, no: float, total: float) -> Verdict:
    """Return the verdict on a statement about all points of a grid.

    Args:
        yes: points whose whole interval speaks for the statement.
        no: points whose whole interval speaks against it.
        total: all points, with those that decide nothing.
    """
    if yes + no < FEWEST:
        return "undecided"
    if yes and no:
        return "holds under conditions"
    if yes + no < MOSTLY * total:
        return "undecided"
    return "holds" if yes else "refuted"
