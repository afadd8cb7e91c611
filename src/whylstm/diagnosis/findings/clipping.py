"""What clipping would meet: how widely the parameter gradient varies."""

from __future__ import annotations

import math

from whylstm.diagnosis.findings._phrases import factor
from whylstm.diagnosis.findings.base import Finding, Summary
from whylstm.diagnosis.verdicts import SPREAD


def words(summary: Summary) -> str:
    """Return the spread of the parameter gradient's norm, and what clipping would do to it."""
    found = summary["clipping"]
    over = found["largest_over_median"]
    if not math.isfinite(over):
        return "The parameter gradient is exactly zero or overflows at some of the places looked at."
    if found["places"] == 1:
        return ""
    times = f"{factor(over)} times"
    said = f"Over {found['places']} places the norm of the parameter gradient is at most {times} its median."
    if over > SPREAD:
        return (
            f"{said} Clipping at the median would shrink the largest one {times}. It tames such steps, and changes"
            " neither the growth per step nor the carry share."
        )
    return f"{said} Clipping would find little to do here, with these weights on these inputs."


FINDING = Finding(11, "Clipping", words)
