"""A forecast in words: a table of rules, and below it what the whole study takes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from whylstm.study.forecast import Expected, wall
from whylstm.study.history import History
from whylstm.study.plan import Plan
from whylstm.study.speed import Speed
from whylstm.study.workload import STAGES

PAGES = 30 * 2**20
"""Bytes of tables, figures, notebooks and pages, about the same for every study."""

BUSY = 1.2
"""Clock over processor seconds of the probe above which the machine is said to be busy."""


def report(planned: Plan, found: list[Expected], cores: int, earlier: list[History], now: Speed | None) -> str:
    """Return the forecast of a plan.

    Args:
        planned: the plan.
        found: what each job will take.
        cores: how many jobs run at once.
        earlier: the runs that the forecast is made from.
        now: what the probe found; None if there was none.
    """
    low, high = (sum(getattr(item, end) for item in found) for end in ("low", "high"))
    shortest, longest = (wall(found, cores, end) for end in ("low", "high"))
    lines = [
        f"tier {planned.config['tier']}: {_parts(planned)}, {len(found)} jobs",
        "",
        *_table(found),
        "",
        f"processor time: {between(low, high)}",
        f"memory: at most {max(item.memory for item in found) / 2**20:.0f} MiB a job",
        f"disk: about {size(planned.disk + PAGES)}, {size(planned.disk)} of it records",
        f"time on {cores} core{'s' * (cores > 1)}: {between(shortest, longest)}, if nothing else uses them",
        *_origin(earlier, now, longest),
    ]
    return "".join(f"{line}\n" for line in lines)


def _parts(planned: Plan) -> str:
    points = f"{len(planned.points)} points in {len(planned.chunks)} chunks"
    if not planned.training:
        return points
    networks = sum(planned.networks.values())
    return f"{points}, {len(planned.networks)} trials of {networks} networks in {len(planned.training)} chunks"


def _table(found: Iterable[Expected]) -> list[str]:
    """Return one line for each rule, in the order in which they run."""
    groups: dict[str, list[Expected]] = defaultdict(list)
    for item in found:
        groups[item.job.rule].append(item)
    lines = [f"{'rule':20}{'jobs':>6}  {'processor time':26}{'longest job':26}{'memory a job':>12}"]
    for rule in (rule for stage in STAGES for rule in stage if rule in groups):
        own = groups[rule]
        whole = between(sum(item.low for item in own), sum(item.high for item in own))
        longest = between(max(item.low for item in own), max(item.high for item in own))
        memory = f"{max(item.memory for item in own) / 2**20:.0f} MiB"
        lines.append(f"{rule:20}{len(own):>6}  {whole:26}{longest:26}{memory:>12}")
    return lines


def _origin(earlier: list[History], now: Speed | None, longest: float) -> list[str]:
    if earlier:
        names = ", ".join(f"{len(item.jobs)} jobs in {item.folder}" for item in earlier)
        lines = [f"made from: the accounts of earlier runs ({names})"]
    else:
        lines = [
            "made from: the reference machine's times, since nothing has run here yet (`make smoke` would tell more)"
        ]
    if now is not None:
        lines.append(f"probe: a core of this machine now takes {now.factor:.2f} of the reference machine's time")
        if now.busy > BUSY:
            lines.append(
                f"busy: others use this machine; as it is now, the study may take {duration(longest * now.busy)}"
            )
    return lines


def between(low: float, high: float) -> str:
    """Return a range of seconds in words; one number where both ends read the same."""
    first, last = duration(low), duration(high)
    return first if first == last else f"{first} to {last}"


def duration(seconds: float) -> str:
    """Return seconds in words, two digits of them.

    >>> duration(5.04), duration(95), duration(4000), duration(2e6)
    ('5.0 s', '1.6 min', '1.1 h', '556 h')
    """
    for unit, length in (("h", 3600.0), ("min", 60.0)):
        if seconds >= length:
            return f"{seconds / length:.{0 if seconds >= 99.5 * length else 1}f} {unit}"
    return f"{seconds:.1f} s"


def size(count: float) -> str:
    """Return bytes in words.

    >>> size(3e6), size(5e9)
    ('3 MiB', '4.7 GiB')
    """
    return f"{count / 2**30:.1f} GiB" if count >= 2**30 else f"{count / 2**20:.0f} MiB"
