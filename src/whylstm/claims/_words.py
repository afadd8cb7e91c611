"""How the numbers of a claim are written: significant digits, powers of ten, shares, counts."""

from __future__ import annotations

import math

SUPERSCRIPTS = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")
MINUS = "−"
DIGITS = 2


def plain(value: float) -> str:
    """Return a number with two significant digits, as a power of ten where it is very small or large.

    >>> plain(-0.04605), plain(64.0), plain(123456.0), plain(0.0), plain(float("inf"))
    ('−0.046', '64', '1.2 × 10⁵', '0', 'infinity')
    """
    if not math.isfinite(value) or value == 0:
        return "0" if value == 0 else f"{MINUS if value < 0 else ''}infinity"
    mantissa, exponent = f"{abs(value):.{DIGITS - 1}e}".split("e")
    if -4 < int(exponent) < 5:
        text = f"{float(f'{mantissa}e{exponent}'):.{max(DIGITS - 1 - int(exponent), 0)}f}"
        text = text.rstrip("0").rstrip(".") if "." in text else text
    else:
        text = f"{mantissa} × 10{str(int(exponent)).translate(SUPERSCRIPTS)}"
    return f"{MINUS}{text}" if value < 0 else text


def power(log10: float) -> str:
    """Return ten to the power ``log10``, also where that would overflow; -inf is an exact zero.

    >>> power(-15.7), power(-0.3), power(float("-inf")), power(412.3)
    ('2.0 × 10⁻¹⁶', '0.5', 'exactly 0', '2.0 × 10⁴¹²')
    """
    if not math.isfinite(log10):
        return "exactly 0" if log10 < 0 else "infinity"
    if -3 <= log10 < 4:
        return plain(10.0**log10)
    exponent = math.floor(log10)
    mantissa = f"{10 ** (log10 - exponent):.{DIGITS - 1}f}"
    if mantissa.startswith("10"):
        mantissa, exponent = "1.0", exponent + 1
    return f"{mantissa} × 10{str(exponent).translate(SUPERSCRIPTS)}"


def percent(share: float) -> str:
    """Return a share in whole percent; what is not none or all is never written as such.

    >>> percent(0.934), percent(0.001), percent(0.9999), percent(1.0)
    ('93%', '<1%', '>99%', '100%')
    """
    if 0 < share < 0.005:
        return "<1%"
    return ">99%" if 0.995 <= share < 1 else f"{100 * share:.0f}%"


def count(number: float) -> str:
    """Return a whole number, thousands set apart.

    >>> count(12345.0)
    '12,345'
    """
    return f"{round(number):,}".replace("-", MINUS)


FORMS = {"plain": plain, "power": power, "percent": percent, "count": count}


def listed(words: list[str]) -> str:
    """Return words as a list in a sentence.

    >>> listed(["a", "b", "c"]), listed(["a"]), listed([])
    ('a, b and c', 'a', 'none')
    """
    if len(words) < 2:
        return words[0] if words else "none"
    return f"{', '.join(words[:-1])} and {words[-1]}"
