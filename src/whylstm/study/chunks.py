"""Chunks: the points of one job, and the name of the job, made from content.

Points of one chunk share what fixes the shapes of their arrays. A group with more than :data:`MOST_SECONDS` of work is
split by the leading bits of the points' digests, a bit at a time, only where it is still too large: a new point can
split the chunk that it falls into, and touches no other.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

from whylstm.errors import StudyError
from whylstm.families import did_you_mean
from whylstm.study import cost
from whylstm.study.design import Point

MOST_SECONDS = 90.0
"""Work per chunk, in estimated seconds of one core, above which it is split if it has more than one point."""

MOST_BITS = 64

Priced = tuple[str, float, Point]
"""A point with the leading bits of its digest, and its estimated work in seconds."""


@dataclass(frozen=True)
class Chunk:
    """One job.

    Attributes:
        name: made from what its points share, and the bits of their digests where a group is split.
        points: sorted by id.
        seconds: estimated work on one core, start of the process included.
        memory: estimated bytes.
        disk: estimated bytes of its records.
    """

    name: str
    points: tuple[Point, ...]
    seconds: float
    memory: int
    disk: int

    @property
    def memory_mib(self) -> int:
        """The estimated memory in MiB, rounded up, as schedulers ask for it."""
        return -(-self.memory // 2**20)

    @property
    def priority(self) -> int:
        """Longest first: the estimated whole seconds."""
        return int(self.seconds)


def chunks(points: list[Point], replicates: int) -> list[Chunk]:
    """Return the chunks of a design, the longest first; equal ones by name.

    Args:
        points: the design points.
        replicates: networks per point, all of them counted as work.
    """
    groups: dict[str, list[Point]] = defaultdict(list)
    for point in points:
        groups[group_name(point)].append(point)
    found = [
        chunk for name, group in groups.items() for chunk in _split(name, "", _priced(group, replicates), replicates)
    ]
    return sorted(found, key=lambda chunk: (-chunk.seconds, chunk.name))


def group_name(point: Point) -> str:
    """Return the name of what a point shares with its group, such as ``lstm-h064-t0300-noise-k200w5r8``.

    The last part is the largest lag, the windows and the largest hop count.
    """
    depth = f"k{point.lags}w{point.windows}r{point.hops}"
    return f"{point.cell}-h{point.hidden:03d}-t{point.length:04d}-{point.task}-{depth}"


def find(found: list[Chunk], name: str) -> Chunk:
    """Return the chunk called ``name``.

    Raises:
        StudyError: if there is none, with the nearest name.
    """
    for chunk in found:
        if chunk.name == name:
            return chunk
    raise StudyError(f"there is no chunk {name!r}; {did_you_mean(name, [chunk.name for chunk in found])}")


class Job(Protocol):
    """What a scheduler must know of a chunk."""

    @property
    def name(self) -> str:
        """Its name."""

    @property
    def memory(self) -> int:
        """Estimated bytes."""


def check_memory(found: Iterable[Job], available: int) -> None:
    """Check that every chunk fits into the memory of the machine.

    Args:
        found: the chunks.
        available: bytes that a job can have.

    Raises:
        StudyError: for the largest chunk, if it does not fit.
    """
    largest = max(found, key=lambda chunk: chunk.memory, default=None)
    if largest is not None and largest.memory > available:
        raise StudyError(
            f"chunk {largest.name} needs about {_gib(largest.memory)}, but a job can have {_gib(available)} here:"
            f" lower hidden, length, windows, hops, sequences or replicates, or use a machine with more memory"
        )


def _gib(size: int) -> str:
    return f"{size / 2**30:.2f} GiB of memory"


def _priced(points: list[Point], replicates: int) -> list[Priced]:
    """Return each point with the bits of its digest and its work, each computed once however often a group is split."""
    return [(leading_bits(point, MOST_BITS), cost.seconds(point, replicates), point) for point in points]


def _split(group: str, bits: str, points: list[Priced], replicates: int) -> Iterator[Chunk]:
    work = sum(seconds for _, seconds, _ in points)
    if work > MOST_SECONDS and len(points) > 1 and len(bits) < MOST_BITS:
        for bit in "01":
            half = [priced for priced in points if priced[0][len(bits)] == bit]
            if half:
                yield from _split(group, bits + bit, half, replicates)
        return
    own = tuple(sorted((point for _, _, point in points), key=lambda point: point.id))
    yield Chunk(
        name=f"{group}-{bits}" if bits else group,
        points=own,
        seconds=work + cost.SECONDS_PER_JOB,
        memory=max(cost.memory(point, replicates) for point in own),
        disk=sum(cost.disk(point, replicates) for point in own),
    )


def leading_bits(point: Point, count: int) -> str:
    """Return the first bits of a point's digest as a text of 0 and 1."""
    return f"{int(point.digest[:16], 16):064b}"[:count]
