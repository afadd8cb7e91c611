"""Check the config, and that this machine can run it."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from whylstm.commands._config import add_config, read_config
from whylstm.commands.base import Command
from whylstm.study.plan import Plan, check_machine, plan
from whylstm.study.schema import ROOT


def _arguments(parser: ArgumentParser) -> None:
    add_config(parser)
    parser.add_argument(
        "--memory",
        type=float,
        metavar="GIB",
        help="memory that a job can have where the study will run (default: what is free here)",
    )


def _run(arguments: Namespace) -> str:
    planned = plan(read_config(arguments))
    check_machine(planned, ROOT, None if arguments.memory is None else int(arguments.memory * 2**30))
    return summary(planned)


def summary(planned: Plan) -> str:
    """Return a plan in one line."""
    return (
        f"valid: tier {planned.config['tier']}, {_simulated(planned)}; {_trained(planned)};"
        f" at most {planned.memory / 2**20:.0f} MiB of memory a job, {planned.disk / 2**20:.0f} MiB of records,"
        f" results in {planned.folder}\n"
    )


def _simulated(planned: Plan) -> str:
    replicates, minutes = planned.config["simulation"]["replicates"], sum(job.seconds for job in planned.chunks) / 60
    return (
        f"{len(planned.points)} points of {replicates} replicates in {len(planned.chunks)} chunks (one job each),"
        f" about {minutes:.1f} core-minutes"
    )


def _trained(planned: Plan) -> str:
    if not planned.training:
        return "nothing is trained"
    networks, minutes = sum(planned.networks.values()), sum(job.seconds for job in planned.training) / 60
    return (
        f"{len(planned.networks)} trials of {networks} networks in {len(planned.training)} chunks,"
        f" at most about {minutes:.1f} core-minutes"
    )


COMMAND = Command("Check the config, and that this machine can run it.", _arguments, _run)
