"""How numbers, lists and verdicts are written, the same in text, claims, figures and diagnoses.

Everything here maps plain numbers to plain Unicode text; markup is added where the text is shown. A minus is a true
minus sign, a power of ten is written with superscript digits, and nothing is shown with more digits than asked. What
there is not is written ``?``, what is not all is never written as all, and what is not nothing never as nothing.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import PurePath

SUPERSCRIPTS = str.maketrans("0123456789-+.", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺·")
MINUS = "−"
PLAIN_FROM, PLAIN_TO = -3, 5  # decimal exponents written out: .00123 and 12345, but 1.2 × 10⁻⁴ and 1.2 × 10⁵

VERDICTS = ("holds", "holds under conditions", "refuted", "undecided")
"""What a rule can say of a statement."""


def significant(number: float, digits: int = 2) -> str:
    """Return a number with so many significant digits, as a power of ten where it is very small or large.

    >>> significant(0.03456), significant(-12.3), significant(1234567), significant(0.0), significant(0.5)
    ('0.035', '−12', '1.2 × 10⁶', '0', '0.50')
    """
    if not math.isfinite(number) or number == 0:
        return _special(number)
    mantissa, exponent = f"{abs(number):.{digits - 1}e}".split("e")
    if PLAIN_FROM <= int(exponent) < PLAIN_TO:
        text = f"{float(f'{mantissa}e{exponent}'):.{max(digits - 1 - int(exponent), 0)}f}"
    else:
        text = _scientific(mantissa, int(exponent))
    return _signed(text, number)


def number(value: float, digits: int = 2) -> str:
    """Return a number with at most so many significant digits: the same without trailing zeros.

    >>> number(-0.04605), number(64.0), number(0.5), number(123456.0), number(float("-inf")), number(float("nan"))
    ('−0.046', '64', '0.5', '1.2 × 10⁵', '−∞', '?')
    """
    mantissa, times, power_ = significant(value, digits).partition(" × ")
    return (mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa) + times + power_


def decimals(number: float, places: int = 2) -> str:
    """Return a number with a fixed number of decimals.

    >>> decimals(-0.126), decimals(-0.001, 1)
    ('−0.13', '0.0')
    """
    if not math.isfinite(number):
        return _special(number)
    text = f"{abs(number):.{places}f}"
    return _signed(text, number if float(text) else 0.0)


def signed(value: float) -> str:
    """Return a number with its sign and without a leading zero, as short as a cell of a map needs it.

    >>> signed(0.0312), signed(-0.4), signed(-1.63), signed(0.0)
    ('+.03', '−.40', '−1.6', '0')
    """
    if value == 0 or not math.isfinite(value):
        return _special(value)
    size = abs(value)
    text = number(size, 1) if size < 0.095 else f"{size:.2f}" if size < 1 else f"{size:.1f}"
    return (MINUS if value < 0 else "+") + text.removeprefix("0")


def power_of_ten(log10: float, digits: int = 2) -> str:
    """Return 10 to the power ``log10``, also where the number itself would underflow or overflow; -inf is exactly 0.

    >>> power_of_ten(-180.3), power_of_ten(0.0), power_of_ten(float("-inf"))
    ('5.0 × 10⁻¹⁸¹', '1.0', 'exactly 0')
    """
    if not math.isfinite(log10):
        return "exactly 0" if log10 == -math.inf else _special(log10)
    exponent = math.floor(log10)
    mantissa = round(10 ** (log10 - exponent), digits - 1)
    if mantissa >= 10:
        mantissa, exponent = mantissa / 10, exponent + 1
    if PLAIN_FROM <= exponent < PLAIN_TO:
        return f"{mantissa * 10.0**exponent:.{max(digits - 1 - exponent, 0)}f}"
    return _scientific(f"{mantissa:.{digits - 1}f}", exponent)


def power(log10: float, places: int = 0) -> str:
    """Return the power of ten itself, its exponent with so many decimals; the power of -inf is 0.

    >>> power(-18.7), power(2.0), power(-41.27, 1), power(float("-inf")), power(float("nan"))
    ('10⁻¹⁹', '10²', '10⁻⁴¹·³', '0', '?')
    """
    if not math.isfinite(log10):
        return "0" if log10 == -math.inf else _special(log10)
    text = f"{log10:.{places}f}"
    return "10" + (text if float(text) else text.removeprefix("-")).translate(SUPERSCRIPTS)


def decades(log10: float) -> str:
    """Return a distance on a log scale in decades: whole ones from ten on, tenths below.

    >>> decades(-121.6), decades(0.52), decades(1.0)
    ('122 decades', '0.5 decades', '1 decade')
    """
    places = 0 if abs(log10) >= 10 else 1
    text = f"{abs(log10):.{places}f}".removesuffix(".0")
    return f"{text} decade{'' if text == '1' else 's'}"


def percent(share: float, *, brief: bool = False) -> str:
    """Return a share in whole percent, two digits of it below one; what is not all of it is never written as all.

    Args:
        share: the share.
        brief: whether there is room for whole percent alone, as in a cell of a map.

    >>> percent(0.004, brief=True), percent(0.997, brief=True)
    ('<1%', '>99%')
    >>> percent(0.934), percent(0.997), percent(1.0), percent(0.000123), percent(0.0), percent(1.2), percent(1e-9)
    ('93%', '>99%', '100%', '0.012%', '0%', '120%', '1.0 × 10⁻⁷%')
    """
    if not math.isfinite(share):
        return _special(share)
    if 0.995 <= share < 1:
        return ">99%"
    if brief:
        return "<1%" if 0 < share < 0.005 else f"{100 * share:.0f}%"
    return f"{significant(100 * share)}%" if abs(share) < 0.095 else f"{_signed(f'{abs(100 * share):.0f}', share)}%"


def count(number: float) -> str:
    """Return a whole number with thousands set apart.

    >>> count(12345), count(40), count(-1200.0)
    ('12,345', '40', '−1,200')
    """
    return _signed(f"{abs(round(number)):,}", number)


def span(low: float, high: float) -> str:
    """Return a range of whole numbers, or the one that it holds.

    >>> span(4, 10000), span(10, 10)
    ('4 to 10,000', '10')
    """
    return between(count(low), count(high))


def between(low: str, high: str) -> str:
    """Return an interval in words, which unlike a dash cannot be misread beside a minus.

    >>> between("−2.1", "−1.9"), between("3", "3")
    ('−2.1 to −1.9', '3')
    """
    return low if low == high else f"{low} to {high}"


def listed(words: Sequence[str]) -> str:
    """Return words as a list in a sentence.

    >>> listed(["a", "b", "c"]), listed(["a", "b"]), listed(["a"]), listed([])
    ('a, b and c', 'a and b', 'a', 'none')
    """
    if len(words) < 2:
        return words[0] if words else "none"
    return f"{', '.join(words[:-1])} and {words[-1]}"


def command(file: PurePath | str) -> str:
    """Return what makes a file of a study again; the tier is the folder below the last one that is called results.

    >>> command("/anywhere/results/smoke/figures/fig07.svg")
    'snakemake --cores all results/smoke/figures/fig07.svg --config tier=smoke'
    >>> command("/results/home/results/claims.json"), command("anywhere/else/gallery.html")
    ('snakemake --cores all results/claims.json', 'snakemake --cores all results/gallery.html')
    """
    parts = PurePath(file).parts
    last = max((place for place, part in enumerate(parts) if part == "results"), default=None)
    below = parts[-1:] if last is None else parts[last + 1 :]
    tier = below[0] if len(below) > 1 and below[0] not in FOLDERS else ""
    return f"snakemake --cores all {'/'.join(('results', *below))}" + f" --config tier={tier}" * bool(tier)


FOLDERS = ("claims", "data", "figures", "notebooks", "records", "tables", "wild")
"""What stands in the results of a tier, so that it is no tier itself."""


def _scientific(mantissa: str, exponent: int) -> str:
    return f"{mantissa} × 10{str(exponent).translate(SUPERSCRIPTS)}"


def _signed(text: str, number: float) -> str:
    return f"{MINUS}{text}" if number < 0 else text


def _special(number: float) -> str:
    """Return zero, an infinity or what is no number."""
    return "?" if math.isnan(number) else _signed("∞" if number else "0", number)
