"""Text wrapped by its true width in the font of the figures."""

from __future__ import annotations

import functools


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
