"""Figure 22: every statement of the article with its verdict, the number that decides, and where that comes from.

The verdict is told by its word and sign, and by the lightness of its field, never by hue alone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from whylstm import wording
from whylstm.errors import NothingToShowError
from whylstm.figures import _text, style
from whylstm.figures.base import Figure, judge
from whylstm.wording import VERDICTS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Picture

    from whylstm.figures.base import Claims, Tables

INCH = 72.0
LEFT, STATEMENT, VERDICT = 0.02, 0.44, 3.64
"""Inches from the left edge at which the three columns begin."""
LINE, SMALL_LINE, GAP, MARK = 12.5, 11.5, 11.0, 18.0
"""Points from line to line of a statement and of the small print, between two statements, and of a verdict."""


@dataclass(frozen=True)
class Mark:
    """How a verdict is shown: its sign, its words, its field's colour and its text's."""

    sign: str
    words: str
    field: str
    ink: str


MARKS = {
    "holds": Mark("✓", "holds", "#d5e8d4", "#1a1a1a"),
    "holds under conditions": Mark("◐", "depends", "#8fb8de", "#1a1a1a"),
    "refuted": Mark("✗", "refuted", "#8c2d04", "#ffffff"),
    "undecided": Mark("?", "undecided", "#ffffff", "#1a1a1a"),
}
COUNTED = {
    "holds": ("holds", "hold"),
    "holds under conditions": ("holds under conditions", "hold under conditions"),
    "refuted": ("is refuted", "are refuted"),
    "undecided": ("stays open", "stay open"),
}


def picture(tables: Tables, claims: Claims) -> Picture:
    """Return one row per claim: its statement and number at the left, its verdict at the right."""
    rows = [(claim, statement(claim), origin(claim)) for claim in ordered(claims)]
    heights = [depth(text) + SMALL_LINE * lines(small) + GAP for _, text, small in rows]
    figure = style.canvas((sum(heights) + 70) / INCH)
    axes = figure.subplots()
    axes.set_axis_off()
    axes.set_xlim(0, style.WIDTH - 0.15)
    axes.set_ylim(sum(heights), 0)
    top = 0.0
    for (claim, text, small), height in zip(rows, heights, strict=True):
        draw_row(axes, top, claim, text, small)
        top += height
    return figure


def draw_row(axes: Axes, top: float, claim: Mapping[str, Any], text: str, small: str) -> None:
    """Draw one claim below a rule at ``top`` points from the top."""
    first = top + GAP / 2
    shape: dict[str, Any] = {"va": "top", "linespacing": 1.25}
    axes.axhline(top, color=style.PALE, linewidth=0.8, gid="rule")
    axes.text(LEFT, first, claim["id"], fontweight="bold", **shape)
    axes.text(STATEMENT, first, text, **shape)
    axes.text(STATEMENT, first + depth(text), small, fontsize=style.SMALL, color=style.GREY, **shape)
    mark = MARKS[claim["verdict"]]
    box = {"boxstyle": "round,pad=0.3", "facecolor": mark.field, "edgecolor": style.GREY, "linewidth": 0.8}
    axes.text(
        VERDICT + 0.08, first + 1, f"{mark.sign} {mark.words}", color=mark.ink, fontweight="bold", bbox=box, **shape
    )


def lines(text: str) -> int:
    """Return how many lines a text has."""
    return text.count("\n") + 1


def depth(text: str) -> float:
    """Return the points that a statement takes, at least those of the verdict beside it."""
    return max(LINE * lines(text), MARK) + 1


def statement(claim: Mapping[str, Any]) -> str:
    """Return the paraphrase of a claim, wrapped to its column."""
    return _text.wrap(claim["paraphrase"], (VERDICT - STATEMENT - 0.16) * INCH, style.BODY)


def origin(claim: Mapping[str, Any]) -> str:
    """Return what decides, as a number with its interval, and the tables that it was computed from, wrapped."""
    number = claim["number"]
    span = f" ({number['span']})" if number.get("span") else ""
    said = f"{number['meaning']}: {number['text']}{span}; from {wording.listed(list(claim['tables']))}"
    return _text.wrap(said, (style.WIDTH - STATEMENT - 0.3) * INCH, style.SMALL)


def ordered(claims: Claims) -> list[Mapping[str, Any]]:
    """Return the claims by the number in their id.

    Raises:
        NothingToShowError: if there is none.
    """
    if not claims:
        raise NothingToShowError("fig22_claims: no claim has been judged, so there is nothing to draw")
    return [claims[name] for name in sorted(claims, key=lambda name: (int(re.sub(r"\D", "", name) or 0), name))]


def counts(claims: Claims) -> dict[str, int]:
    """Return how many claims have each verdict."""
    return {verdict: sum(claim["verdict"] == verdict for claim in claims.values()) for verdict in VERDICTS}


def verdict(tables: Tables, claims: Claims) -> str:
    """Return whether the statements hold, all together."""
    found = counts(claims)
    return judge(found["holds"], found["refuted"], len(claims))


def facts(tables: Tables, claims: Claims) -> dict[str, str]:
    """Return how many statements there are, and how many have each verdict."""
    found = {verdict: count for verdict, count in counts(claims).items() if count}
    told = [f"{count} {COUNTED[verdict][count > 1]}" for verdict, count in found.items()]
    each = [f"{claim['id']} {claim['verdict']}" for claim in ordered(claims)]
    return {"total": str(len(claims)), "tally": wording.listed(told), "each": "; ".join(each)}


FIGURE = Figure(
    number=22,
    tables=(),
    picture=picture,
    verdict=verdict,
    titles={
        "holds": "All {total} statements of the article hold",
        "holds under conditions": "Of the article’s {total} statements {tally}",
        "refuted": "None of the article’s {total} statements holds",
        "undecided": "Of the article’s {total} statements {tally}",
    },
    facts=facts,
    caption=(
        "Each statement of the article in our words, the number that its verdict hangs on with its interval, the "
        "tables that it was computed from, and the verdict, which a rule fixed beforehand computes. “Depends”: it "
        "holds under conditions, which stand with the claim."
    ),
    alt="List of {total} statements with their verdicts: {each}.",
)
