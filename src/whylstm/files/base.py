"""What a reader of a format declares."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LARGEST = 16 * 2**30
"""The largest file, in bytes, that is read."""


@dataclass(frozen=True)
class Reader:
    """One format.

    Attributes:
        what: what it is called, for a message.
        knows: whether a file is of this format, from its path and its first 64 bytes.
        read: returns all tensors of a file by name; raises StudyError for a file that is damaged or not what it seems.
    """

    what: str
    knows: Callable[[Path, bytes], bool]
    read: Callable[[Path], dict[str, Any]]
