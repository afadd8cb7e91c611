"""How many threads a network is worth."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import torch

from whylstm.diagnosis.network import Network

LARGE = 2000
"""Numbers in the state from which on products are worth more than one thread: on a machine that is busy with something
else, threads of small products wait for each other most of the time."""


@contextlib.contextmanager
def threads(network: Network) -> Iterator[None]:
    """Let a small network run in one thread, where a second costs more than it gives; afterwards all is as before."""
    with contextlib.nullcontext() if network.size >= LARGE else one_thread():
        yield


@contextlib.contextmanager
def one_thread() -> Iterator[None]:
    """Run in one thread; afterwards there are as many as before."""
    before = torch.get_num_threads()
    try:
        torch.set_num_threads(1)
        yield
    finally:
        torch.set_num_threads(before)
