"""Two results folders held against each other: tables, claims, values and figures.

What counts as agreement stands in :mod:`whylstm.comparison.tolerance` and nowhere else.
"""

from whylstm.comparison.outcome import Compared, Difference, Outcome, Report
from whylstm.comparison.runs import compare

__all__ = ["Compared", "Difference", "Outcome", "Report", "compare"]
