"""Numbers in words, for the findings: counts, rates, factors, half-lives, lags."""

from __future__ import annotations

import math
from typing import Any

from whylstm.wording import listed, number, power


def counted(count: int, word: str) -> str:
    """Return a number of things.

    >>> counted(1, "step"), counted(3, "step")
    ('1 step', '3 steps')
    """
    return f"{count} {word}{'' if count == 1 else 's'}"


def rate(value: float, *, sign: bool = True) -> str:
    """Return a growth per step in nats, with a sign if it is no error.

    >>> rate(-0.4701), rate(0.00312), rate(0.0074, sign=False), rate(-0.0000421), rate(float("nan"))
    ('−0.470', '+0.0031', '0.0074', '−4.2 × 10⁻⁵', 'unknown')
    """
    if not math.isfinite(value):
        return "unknown" if math.isnan(value) else "−∞" if value < 0 else "∞"
    text = f"{abs(value):.{3 if abs(value) >= 0.01 else 4}f}" if abs(value) >= 0.001 else number(abs(value))
    return text if not sign else f"{'−' if value < 0 else '+'}{text}"


def steps_of(steps: float) -> str:
    """Return a half-life in words.

    >>> steps_of(1.26), steps_of(float("inf")), steps_of(0.0), steps_of(1.0)
    ('1.3 steps', 'no number of steps', 'less than a step', '1 step')
    """
    if math.isinf(steps):
        return "no number of steps"
    if steps < 0.05:
        return "less than a step"
    told = number(steps)
    return f"{told} step{'' if told == '1' else 's'}"


def size(log10: float) -> str:
    """Return a norm given by its log₁₀.

    >>> size(-20.3), size(0.3), size(float("-inf"))
    ('10⁻²⁰', '2', '0')
    """
    if math.isnan(log10):
        return "unknown"
    return power(log10) if log10 == -math.inf or abs(log10) >= 2 else number(10**log10)


def factor(log10: float) -> str:
    """Return a ratio given by its log₁₀, the larger over the smaller.

    >>> factor(-0.3), factor(5.2)
    ('2', '10⁵')
    """
    return power(abs(log10)) if abs(log10) >= 3 else number(10 ** abs(log10))


def within(count: int | None, lags: int) -> str:
    """Return a number of steps, None being more than were measured.

    >>> within(3, 100), within(None, 100)
    ('3 steps', 'more than 100 steps')
    """
    return f"more than {counted(lags, 'step')}" if count is None else counted(count, "step")


def few(by_lag: dict[str, Any]) -> list[int]:
    """Return the lags worth a sentence: the last one, and of 10 and 100 those that lie well before it.

    >>> few({"1": 0, "10": 0, "30": 0}), few({"10": 0, "100": 0, "125": 0})
    ([10, 30], [10, 125])
    """
    lags = sorted(map(int, by_lag))
    return [lag for lag in lags if lag in (10, 100) and 2 * lag < lags[-1]] + lags[-1:]


def by_layer(summary: dict[str, Any], told: list[str]) -> str:
    """Return one phrase per layer as a list that names the layers, or the phrase alone if there is only one.

    >>> by_layer({"layers": [{"layer": 1}, {"layer": 2}]}, ["3 steps", "4 steps"])
    '3 steps in layer 1 and 4 steps in layer 2'
    """
    if len(told) == 1:
        return told[0]
    return listed([f"{words} in layer {layer['layer']}" for layer, words in zip(summary["layers"], told, strict=True)])
