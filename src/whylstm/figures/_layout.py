"""A layout whose numbers are the same every time.

The solver of matplotlib's constrained layout sums its constraints in an order that depends on where objects lie in
memory, so that the panels' positions differ in their last bit from one drawing to the next. That moves nothing that
can be seen, but an SVG names its clip paths after a hash of those numbers. Rounded to a billionth of the figure, they
are the same.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.figure import Figure

DIGITS = 9


def canvas(height: float) -> Figure:
    """Return :func:`whylstm.figures.style.canvas`."""
    from whylstm.figures import style

    return style.canvas(height)


@functools.cache
def engine() -> Any:
    """Return the class of the layout engine; matplotlib is imported only where something is drawn."""
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    class Steady(ConstrainedLayoutEngine):
        def execute(self, fig: Figure) -> Any:
            found = super().execute(fig)
            for axes in fig.axes:
                axes.set_position([round(float(number), DIGITS) for number in axes.get_position().bounds])
                axes.set_in_layout(True)  # to set a position takes a panel out of the layout, which runs more than once
            return found

    return Steady
