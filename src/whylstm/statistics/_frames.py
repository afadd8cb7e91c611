"""Small frames put together in the shape of a table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    Columns = Mapping[str, Any]


def stacked(parts: Iterable[Columns]) -> pd.DataFrame:
    """Return one frame from blocks of columns, each of arrays of one length and of constants; empty from none."""
    frames = [pd.DataFrame(dict(part)) for part in parts]
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()


def renamed(found: Mapping[str, np.ndarray], name: str) -> dict[str, np.ndarray]:
    """Return median, low and high of a summary as ``name``, ``name_low`` and ``name_high``."""
    return {name: found["median"], f"{name}_low": found["low"], f"{name}_high": found["high"]}
