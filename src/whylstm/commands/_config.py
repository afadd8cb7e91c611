"""The two arguments that say which config is meant."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from whylstm.study import config as study_config


def add_config(parser: ArgumentParser) -> None:
    """Add ``--config`` and ``--tier``."""
    parser.add_argument("--config", metavar="FILE", help="config file (default: config.yaml of the study)")
    parser.add_argument("--tier", metavar="NAME", help="size of the study, such as smoke (default: what the file says)")


def read_config(arguments: Namespace) -> study_config.Config:
    """Return the config that the arguments name.

    Raises:
        StudyError: for the first mistake in it.
    """
    return study_config.load(arguments.config, arguments.tier)
