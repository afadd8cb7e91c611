"""What a job spent and what it left: one small file beside Snakemake's benchmark, ``<results>/benchmarks/<job>.json``.

Snakemake looks at a job from outside, every half second at first and every half minute later, and cannot tell a job's
imports from its work. A plan needs both, and so does the question what the pipeline itself costs. So each job states
its seconds, processor time and memory itself, and the hashes of its outputs, by which damage is found later. That is no
result: if it cannot be written, nothing is lost.
"""

from __future__ import annotations

import builtins
import contextlib
import os
import re
import resource
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

PER_MIB = 2**20 if sys.platform == "darwin" else 2**10
"""What the system counts the largest memory in: bytes on macOS, KiB elsewhere."""

STATUS = Path("/proc/self/status")
"""Where Linux keeps the largest memory of this program alone; ``getrusage`` counts that of the process before it."""


class Spending:
    """The account of one job, from the start of its process.

    Attributes:
        share: how much of the job's estimated work was done; below one where records held some of it already.
    """

    def __init__(self) -> None:
        self.share = 1.0
        self._now = time.perf_counter()
        self._before = _since_start()
        self._imports, self._importing = 0.0, time.process_time()

    @contextlib.contextmanager
    def count_imports(self) -> Iterator[None]:
        """Add up the seconds of the outermost import statements while the body runs."""
        plain, within = builtins.__import__, [False]

        def timed(*words: Any, **named: Any) -> Any:
            if within[0]:
                return plain(*words, **named)
            within[0], now, used = True, time.perf_counter(), time.process_time()
            try:
                return plain(*words, **named)
            finally:
                within[0] = False
                self._imports += time.perf_counter() - now
                self._importing += time.process_time() - used

        builtins.__import__ = timed
        try:
            yield
        finally:
            builtins.__import__ = plain

    def write(self, snakemake: Any) -> None:
        """Write the account beside the job's benchmark; where the log lies in no folder of logs, write nothing."""
        found = beside_benchmark(Path(snakemake.log[0]))
        if found is None:
            return
        from whylstm.errors import StudyError
        from whylstm.records.plain import write_json
        from whylstm.records.wholeness import stated

        results, path = found
        with contextlib.suppress(StudyError):
            write_json(path, self._account(snakemake) | {"outputs": stated(results, snakemake.output)})

    def _account(self, snakemake: Any) -> dict[str, Any]:
        own, children = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
        seconds = self._before + time.perf_counter() - self._now
        return {
            "rule": snakemake.rule,
            "wildcards": dict(snakemake.wildcards.items()),
            "ended": time.time(),
            "seconds": seconds,
            "imports": self._before + self._imports,
            "imports_processor": self._importing,
            "processor": own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime,
            "memory_mib": max(_peak() or own.ru_maxrss, children.ru_maxrss) / PER_MIB,
            "threads": snakemake.threads,
            "share": self.share,
        }


def beside_benchmark(log: Path) -> tuple[Path, Path] | None:
    """Return the results folder of a job with this log, and where its account belongs."""
    parts = list(log.parts)
    if "logs" not in parts[:-1]:
        return None
    place = len(parts) - 1 - parts[::-1].index("logs")
    results = Path(*parts[:place])
    return results, results.joinpath("benchmarks", *parts[place + 1 :]).with_suffix(".json")


def _peak() -> int:
    """Return the largest memory of this program in KiB; 0 where the system does not say."""
    try:
        return int(re.findall(r"VmHWM:\s+(\d+) kB", STATUS.read_text())[0])
    except (OSError, IndexError):
        return 0


def _since_start() -> float:
    """Return the seconds since this process started; 0 where that is not known."""
    try:
        import psutil  # type: ignore[import-untyped]

        started = psutil.Process(os.getpid()).create_time()
        if hasattr(time, "CLOCK_BOOTTIME"):  # Linux knows when it was booted, which psutil adds, in whole seconds only
            return max(0.0, time.clock_gettime(time.CLOCK_BOOTTIME) - (started - psutil.boot_time()))
        return max(0.0, time.time() - started)
    except (ImportError, OSError):
        return 0.0
