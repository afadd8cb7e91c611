"""Say what a study would take: jobs, processor hours, memory, disk, and the time on some cores."""

from __future__ import annotations

import os
from argparse import ArgumentParser, Namespace
from pathlib import Path
from statistics import mean

from whylstm.commands._config import add_config, read_config
from whylstm.commands.base import Command
from whylstm.errors import StudyError
from whylstm.study.schema import ROOT


def _arguments(parser: ArgumentParser) -> None:
    add_config(parser)
    parser.add_argument("--cores", default="all", metavar="N", help="how many jobs run at once (default: all cores)")
    parser.add_argument("--root", default=str(ROOT), metavar="FOLDER", help="the study whose earlier runs count")
    parser.add_argument("--no-probe", action="store_true", help="do not measure how fast this machine is")


def _run(arguments: Namespace) -> str:
    from whylstm.study import config, forecast, speed
    from whylstm.study.history import history
    from whylstm.study.plan import plan
    from whylstm.study.reporting import report
    from whylstm.study.workload import workload

    cores, root = number_of_cores(arguments.cores), Path(arguments.root)
    planned = plan(read_config(arguments))
    now = None if arguments.no_probe else speed.probe()
    earlier = history(root, list(dict.fromkeys([planned.config["tier"], *config.tiers(ROOT)])))
    shares = [item.trained for item in earlier if item.trained is not None]
    share = mean(shares) if shares else None
    jobs = [pair for item in earlier for pair in item.jobs]
    scale = forecast.factors(jobs, now.factor if now else 1.0, 1.0 if share is None else share)
    found = forecast.expected(workload(planned, ROOT), scale, forecast.stopping(share))
    return report(planned, found, cores, earlier, now)


def number_of_cores(said: str) -> int:
    """Return how many cores a text means.

    Raises:
        StudyError: if it means none.
    """
    if said == "all":
        return os.cpu_count() or 1
    if said.isascii() and said.isdecimal() and int(said[:9]) >= 1 and len(said) < 9:
        return int(said)
    raise StudyError(f"--cores is {said!r}; allowed: a whole number from 1, or all")


COMMAND = Command(
    "Say what a study would take: jobs, hours, memory, disk, and the time on some cores.", _arguments, _run
)
