"""safetensors: a header of names, shapes and places, then the numbers (Hugging Face)."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

from whylstm.errors import StudyError
from whylstm.files.base import Reader


def knows(path: Path, start: bytes) -> bool:
    """Return whether the first eight bytes are the length of a header that begins as JSON does."""
    if len(start) < 9 or start[8:9] != b"{":
        return False
    return 0 < struct.unpack("<Q", start[:8])[0] <= path.stat().st_size - 8


def read(path: Path) -> dict[str, Any]:
    """Return the tensors, as torch's."""
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        return dict(load_file(path))
    except (OSError, SafetensorError, ValueError, KeyError, json.JSONDecodeError) as error:
        raise StudyError(f"{path} cannot be read as safetensors: {' '.join(str(error).split())}") from error


READER = Reader("safetensors", knows, read)
