"""Direct labels: beside the end of a line or above its peak, kept apart from each other, instead of a legend.

A figure registers its labels while it draws; once the layout is known, they are put where none touches another. Sizes
and distances are in points.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.transforms import Bbox

LEFT, RIGHT = 0.18, 0.95
"""Where, across a panel, a label above a point is no longer turned to the right, and where it is turned to the left."""
END, PEAK = "end-label", "peak-label"
"""What the two kinds of label are called in a picture."""


@dataclass(frozen=True)
class EndLabel:
    """A label beside the right end of a line: where the line ends (data), what it says, and its colour."""

    y: float
    text: str
    colour: str


def end(axes: Axes, y: float, text: str, colour: str) -> None:
    """Register a label at height ``y`` (data) beside the right edge of a panel."""
    if not hasattr(axes, "end_labels"):
        axes.end_labels = []
    axes.end_labels.append(EndLabel(y, text, colour))


def peak(axes: Axes, x: float, y: float, text: str, colour: str) -> None:
    """Write a label above a point (data), turned inwards near the sides of the panel, whose limits must be set."""
    from matplotlib.patheffects import withStroke

    across = axes.transLimits.transform(axes.transScale.transform((x, y)))[0]
    side = "left" if across < LEFT else "right" if across > RIGHT else "center"
    shift = {"left": 4, "right": -4, "center": 0}[side]
    place: dict[str, Any] = {"xytext": (shift, 4), "textcoords": "offset points", "gid": PEAK}
    label = axes.annotate(text, (x, y), **place, color=colour, ha=side, va="bottom", annotation_clip=False)
    label.set_path_effects([withStroke(linewidth=3, foreground="white")])


def write_ends(axes: Axes) -> None:
    """Write the registered labels beside the right edge, apart from each other; the panel's height must be known."""
    import matplotlib

    points, size = 72 / axes.figure.dpi, matplotlib.rcParams["font.size"] * 1.2
    labels: list[EndLabel] = getattr(axes, "end_labels", [])
    bottom, top = axes.get_ylim()
    wanted = [min(max(label.y, bottom), top) for label in labels]
    height = [axes.transData.transform((0, y))[1] * points for y in wanted]
    sizes = [(label.text.count("\n") + 1) * size for label in labels]
    for label, y, here, there in zip(labels, wanted, height, spread(height, sizes), strict=True):
        place: dict[str, Any] = {"xytext": (9, there - here), "textcoords": "offset points", "gid": END}
        leader = {"arrowstyle": "-", "color": label.colour, "linewidth": 0.7, "shrinkA": 1, "shrinkB": 0}
        text: dict[str, Any] = {"color": label.colour, "va": "center", "linespacing": 1.1, "annotation_clip": False}
        axes.annotate(label.text, (1, y), xycoords=("axes fraction", "data"), **place, **text, arrowprops=leader)


def lift_peaks(axes: Axes) -> None:
    """Lift each label above a point until it touches none of those before it; the layout must be final."""
    from matplotlib.text import Annotation

    labels = [label for label in axes.texts if isinstance(label, Annotation) and label.get_gid() == PEAK]
    settled: list[Bbox] = []
    for label in sorted(labels, key=lambda label: label.xy[0]):
        while any(label.get_window_extent().overlaps(other) for other in settled):
            across, up = label.get_position()
            label.set_position((across, up + 2))
        settled.append(label.get_window_extent())


def spread(centres: Sequence[float], sizes: Sequence[float]) -> list[float]:
    """Return centres moved as little as needed (least squares) so that intervals of these sizes do not overlap.

    The order stays. Neighbours that collide are merged into a block around the mean of what they want.

    >>> spread([0, 0, 50], [10, 10, 10])
    [-5.0, 5.0, 50.0]
    """
    order = sorted(range(len(centres)), key=lambda i: (centres[i], i))
    blocks: list[tuple[float, list[int]]] = []  # the bottom of a block, and its members from below
    for i in order:
        bottom, members = centres[i] - sizes[i] / 2, [i]
        while blocks and blocks[-1][0] + sum(sizes[m] for m in blocks[-1][1]) > bottom:
            low, below = blocks.pop()
            under = sum(sizes[m] for m in below)
            bottom = (low * len(below) + (bottom - under) * len(members)) / (len(below) + len(members))
            members = below + members
        blocks.append((bottom, members))
    placed = [0.0] * len(centres)
    for bottom, members in blocks:
        for m in members:
            placed[m] = bottom + sizes[m] / 2
            bottom += sizes[m]
    return placed
