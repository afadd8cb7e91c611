"""What every finding declares: where it is told, its heading, its words, and its figure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

Summary = dict[str, Any]


@dataclass(frozen=True)
class Picture:
    """One figure: how it is drawn, the message on top, what is drawn, and that in words for who cannot see it."""

    draw: Callable[[], Figure]
    title: str
    caption: str
    alt: str


@dataclass(frozen=True)
class Finding:
    """One finding.

    Attributes:
        place: its place in the order of telling.
        heading: in words.
        words: from the summary to sentences, a line for each paragraph; empty where it has no meaning for a network.
        picture: from the summary and the tables to a figure, None where there is nothing to draw.
    """

    place: int
    heading: str
    words: Callable[[Summary], str]
    picture: Callable[[Summary, dict[str, pd.DataFrame]], Picture | None] | None = None
