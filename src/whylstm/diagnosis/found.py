"""What an exact diagnosis found, as plain data: its page and its text are made from this."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from whylstm.diagnosis.network import Network

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Findings:
    """What was found.

    Attributes:
        name: what the user calls the network.
        summary: the numbers that matter, plain data; ``summary.json`` when written.
        tables: every table as a frame, see :data:`whylstm.diagnosis.tables.TABLES`.
        network: the network as it was read.
    """

    name: str
    summary: dict[str, Any]
    tables: dict[str, pd.DataFrame]
    network: Network
