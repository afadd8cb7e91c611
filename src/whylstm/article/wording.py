"""How a number is written: significant digits, powers of ten, intervals, counts, percentages.

Everything here maps plain numbers to plain Unicode text; markup is added where the text is shown. A minus is a true
minus sign, a power of ten is written with superscript digits, and nothing is ever shown with more digits than asked.
"""

from __future__ import annotations

import math
import re

SUPERSCRIPTS = str.maketrans("0123456789-+.", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺·")
MINUS = "−"
PLAIN_FROM, PLAIN_TO = -3, 5  # decimal exponents written out: .00123 and 12345, but 1.2 × 10⁻⁴ and 1.2 × 10⁵


def significant(number: float, digits: int = 2) -> str:
    """Return ``number`` with so many significant digits, as a power of ten where it is very small or large.

    >>> significant(0.03456), significant(-12.3), significant(1234567), significant(0.0)
    ('0.035', '−12', '1.2 × 10⁶', '0')
    """
    if not math.isfinite(number):
        return _not_finite(number)
    if number == 0:
        return "0"
    mantissa, exponent = _split(number, digits)
    if PLAIN_FROM <= exponent < PLAIN_TO:
        return _signed(f"{abs(float(f'{number:.{digits - 1}e}')):.{max(digits - 1 - exponent, 0)}f}", number)
    return _signed(_scientific(mantissa, exponent), number)


def plain(number: float, digits: int = 4) -> str:
    """Return ``number`` for a table: so many significant digits at most, without trailing zeros.

    >>> plain(0.5), plain(-1.23456), plain(float("-inf")), plain(1.5e-9)
    ('0.5', '−1.235', '−∞', '1.5e−9')
    """
    if math.isinf(number):
        return _signed("∞", number)
    return re.sub(r"e-0*", "e-", f"{number:.{digits}g}").replace("e+0", "e").replace("-", MINUS)


def decimals(number: float, places: int = 2) -> str:
    """Return ``number`` with a fixed number of decimals.

    >>> decimals(-0.126), decimals(-0.001, 1)
    ('−0.13', '0.0')
    """
    if not math.isfinite(number):
        return _not_finite(number)
    text = f"{abs(number):.{places}f}"
    return _signed(text, number if float(text) else 0.0)


def power_of_ten(log10: float, digits: int = 2) -> str:
    """Return 10 to the power ``log10``, also where the number itself would underflow or overflow; -inf is exactly 0.

    >>> power_of_ten(-180.3), power_of_ten(0.0), power_of_ten(float("-inf"))
    ('5.0 × 10⁻¹⁸¹', '1.0', 'exactly 0')
    """
    if log10 == -math.inf:
        return "exactly 0"
    if not math.isfinite(log10):
        return _not_finite(log10)
    exponent = math.floor(log10)
    mantissa = round(10 ** (log10 - exponent), digits - 1)
    if mantissa >= 10:
        mantissa, exponent = mantissa / 10, exponent + 1
    if PLAIN_FROM <= exponent < PLAIN_TO:
        return f"{mantissa * 10.0**exponent:.{max(digits - 1 - exponent, 0)}f}"
    return _scientific(f"{mantissa:.{digits - 1}f}", exponent)


def decades(log10: float, places: int = 1) -> str:
    """Return the power of ten itself: for a norm that is best read on a log scale.

    >>> decades(-41.27)
    '10⁻⁴¹·³'
    """
    if not math.isfinite(log10):
        return "exactly 0" if log10 < 0 else _not_finite(log10)
    return "10" + f"{log10:.{places}f}".translate(SUPERSCRIPTS)


def percent(share: float, digits: int = 2) -> str:
    """Return a share as a percentage.

    What is not all of it is never written as all of it.

    >>> percent(0.9312), percent(1.0), percent(0.000123), percent(0.9999)
    ('93%', '100%', '0.012%', 'more than 99%')
    """
    if 0.995 <= share < 1:
        return "more than 99%"
    places = digits + 1 if abs(share) >= 1 else digits
    return f"{significant(100 * share, places)}%"


def count(number: float) -> str:
    """Return a whole number with thousands set apart.

    >>> count(12345), count(40)
    ('12,345', '40')
    """
    return _signed(f"{abs(round(number)):,}", number)


def between(low: str, high: str) -> str:
    """Return an interval in words, which unlike a dash cannot be misread beside a minus.

    >>> between("−2.1", "−1.9"), between("3", "3")
    ('−2.1 to −1.9', '3')
    """
    return low if low == high else f"{low} to {high}"


def listed(words: list[str]) -> str:
    """Return words as a list in a sentence.

    >>> listed(["a", "b", "c"]), listed(["a", "b"]), listed(["a"])
    ('a, b and c', 'a and b', 'a')
    """
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def _split(number: float, digits: int) -> tuple[str, int]:
    mantissa, exponent = f"{abs(number):.{digits - 1}e}".split("e")
    return mantissa, int(exponent)


def _scientific(mantissa: str, exponent: int) -> str:
    return f"{mantissa} × 10{str(exponent).translate(SUPERSCRIPTS)}"


def _signed(text: str, number: float) -> str:
    return f"{MINUS}{text}" if number < 0 else text


def _not_finite(number: float) -> str:
    return "not a number" if math.isnan(number) else f"{MINUS if number < 0 else ''}infinity"
