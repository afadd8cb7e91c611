"""How fast: the largest Lyapunov exponent, with its interval, what it means in steps, and whether it has settled."""

from __future__ import annotations

import math

from whylstm.diagnosis.exponents import fewest
from whylstm.diagnosis.findings._phrases import rate
from whylstm.diagnosis.findings.base import Finding, Summary
from whylstm.wording import number


def words(summary: Summary) -> str:
    """Return the growth per step and what it means."""
    exponent = summary["network_scope"]["exponent"]
    if exponent is None:
        return f"The sequences are too short for a growth rate: {fewest()} steps are needed."
    value = exponent["value"]
    if value == -math.inf:
        return "In some step every direction of the past is lost: the growth per step, λ₁, is minus infinity."
    said = f"In the long run each step multiplies the gradient by {math.exp(value):.3f}: λ₁ = {rate(value)}"
    said += f" ± {rate(2 * exponent['error'], sign=False)} nats per step (two standard errors)."
    if value < 0:
        said += f" It falls by a factor e in {number(-1 / value, 3)} steps."
    elif value > 0:
        said += f" It doubles in {number(math.log(2) / value, 3)} steps."
    if not exponent["settled"]:
        said += " The two halves of the sequences disagree by more than chance explains, so the rate has not settled."
    return said


FINDING = Finding(2, "How fast", words)
