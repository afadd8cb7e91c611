"""Words and numbers as the figures write them: powers of ten, signs, counts, and text wrapped by its true width."""

from __future__ import annotations

import functools
import math

SUPERSCRIPTS = str.maketrans("0123456789-+", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺")
MINUS = "−"


def power(log10: float) -> str:
    """Return ten to a power, the exponent rounded to a whole number; the power of -inf is 0, of NaN unknown.

    >>> power(-18.7), power(2.0), power(0.2), power(float("-inf")), power(float("nan"))
    ('10⁻¹⁹', '10²', '10⁰', '0', '?')
    """
    if not math.isfinite(log10):
        return "?" if math.isnan(log10) else "0" if log10 < 0 else "∞"
    return "10" + str(round(log10)).translate(SUPERSCRIPTS)


def number(value: float, digits: int = 2) -> str:
    """Return a number with so many significant digits, without exponent, with a true minus sign.

    >>> number(-0.0312), number(4.0), number(1234.0)
    ('−0.031', '4', '1200')
    """
    if math.isnan(value):
        return "?"
    if value == 0 or math.isinf(value):
        return "0" if value == 0 else "∞" if value > 0 else f"{MINUS}∞"
    places = digits - 1 - math.floor(math.log10(abs(value)))
    text = f"{abs(round(value, places)):.{max(places, 0)}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return f"{MINUS}{text}" if value < 0 else text


def signed(value: float) -> str:
    """Return a number with its sign and without a leading zero, as short as a cell of a map needs it.

    >>> signed(0.0312), signed(-0.4), signed(-1.63), signed(0.0)
    ('+.03', '−.40', '−1.6', '0')
    """
    if value == 0 or not math.isfinite(value):
        return number(value)
    size = abs(value)
    text = number(size, 1) if size < 0.095 else f"{size:.2f}" if size < 1 else f"{size:.1f}"
    return (MINUS if value < 0 else "+") + text.removeprefix("0")


def percent(share: float) -> str:
    """Return a share in whole percent, and what rounds to none of it as such.

    >>> percent(0.934), percent(0.004), percent(0.0), percent(1.2)
    ('93%', '<1%', '0%', '120%')
    """
    if math.isnan(share):
        return "?"
    return "<1%" if 0 < share < 0.005 else f"{round(100 * share)}%"


def listed(words: list[str]) -> str:
    """Return words as a list in a sentence.

    >>> listed(["a", "b", "c"]), listed(["a"])
    ('a, b and c', 'a')
    """
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def span(low: float, high: float) -> str:
    """Return a range of whole numbers, or the one that it holds.

    >>> span(4, 10000), span(10, 10)
    ('4 to 10,000', '10')
    """
    return f"{round(low):,}" if round(low) == round(high) else f"{round(low):,} to {round(high):,}"


def wrap(text: str, width: float, size: float, *, bold: bool = False, even: bool = False) -> str:
    """Return text in lines that fit into ``width`` points in the figures' font at ``size``.

    Args:
        text: the text; its own line breaks count as spaces.
        width: points across.
        size: points of the font.
        bold: whether it is set bold.
        even: whether to make the lines equally long, without adding one.
    """
    lines, narrower = _fill(text, width / size, bold), width
    while even and narrower > width / 2 and len(_fill(text, 0.97 * narrower / size, bold)) == len(lines):
        narrower *= 0.97
    return "\n".join(_fill(text, narrower / size, bold))


def _fill(text: str, width: float, bold: bool) -> list[str]:
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and extent(longer, bold=bold) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


@functools.lru_cache(maxsize=4096)
def extent(text: str, *, bold: bool = False) -> float:
    """Return how wide a text is in the figures' font at a size of one point."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import text_to_path

    font = FontProperties(family="DejaVu Sans", weight="bold" if bold else "normal", size=100)
    return float(
        text_to_path.get_text_width_height_descent(text.replace(" ", "\N{NO-BREAK SPACE}"), font, False)[0] / 100
    )


def decades(log10: float) -> str:
    """Return a distance on a log scale in decades: whole ones from ten on, tenths below.

    >>> decades(-121.6), decades(0.52), decades(1.0)
    ('122 decades', '0.5 decades', '1 decade')
    """
    places = 0 if abs(log10) >= 10 else 1
    text = f"{abs(log10):.{places}f}".removesuffix(".0")
    return f"{text} decade{'' if text == '1' else 's'}"
