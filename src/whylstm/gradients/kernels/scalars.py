"""Powers of two, exponents and sums, without calls into the mathematics library."""

from __future__ import annotations

from whylstm.gradients.kernels.pointers import bits, from_bits, kernel, literal, peek, poke

ZERO = -(1 << 40)
"""The exponent of zero."""

NOT_FINITE = 1025
"""The exponent of infinities and of what is no number."""

_UNSIGNED = 0x7FFFFFFFFFFFFFFF


@kernel
def power_of_two(exponent):
    """Return 2**exponent, 0 below the range of normal numbers and infinity above it."""
    return from_bits((min(max(exponent, -1023), 1024) + 1023) << 52)


@kernel
def exponent_of(number):
    """Return e with number = m · 2**e and m in [1/2, 1)."""
    pattern = bits(number) & _UNSIGNED
    if pattern == 0:
        return ZERO
    if pattern >> 52 == 0:  # a denormal number: its bits are a whole number of steps of 2**-1074
        return (bits(pattern * 1.0) >> 52) - 1022 - 1074
    return (pattern >> 52) - 1022


@kernel
def largest_exponent(pointer, start, count):
    """Return the exponent of the largest of some float64 numbers."""
    largest = 0
    for place in range(start, start + count):
        largest = max(largest, bits(peek(pointer, place)) & _UNSIGNED)
    return exponent_of(from_bits(largest))


@kernel
def clear(pointer, start, count):
    """Set numbers to zero."""
    for place in range(start, start + count):
        poke(pointer, place, 0)


@kernel
def sum_of(pointer, start, count):
    """Return the sum in float64."""
    total = 0.0
    for place in range(start, start + count):
        total += peek(pointer, place) * 1.0
    return total


@literal
def _twice(number, one, two):
    """Return number · one · two, in this order."""
    return number * one * two


@kernel
def sum_of_squares(pointer, start, count, power):
    """Return Σ (x · 2**power)² in float64, in two steps: 2**1074, which the smallest number needs, is itself none."""
    half, total = power // 2, 0.0
    one, two = power_of_two(half), power_of_two(power - half)
    for place in range(start, start + count):
        total += _twice(peek(pointer, place), one, two) ** 2
    return total


@kernel
def times_power(target, start, source, first, count, power):
    """Set numbers to source · 2**power, in two steps, in the target's dtype."""
    half = power // 2
    one, two = power_of_two(half), power_of_two(power - half)
    for place in range(count):
        poke(target, start + place, _twice(peek(source, first + place), one, two))
