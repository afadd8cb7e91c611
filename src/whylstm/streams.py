"""Random streams keyed by content: what is drawn depends on what it is for, and on nothing else.

A stream's key is the hash of the study's seed, a purpose and *only the fields that the stream reads*. So weights do
not depend on the gain that scales them, data not on the cell that reads them, and no number on the order, the
chunking, the threads or the rest of the grid. The generator is Philox, a counter-based one (Salmon et al. 2011).
"""

from __future__ import annotations

import hashlib
import json

import numpy as np

Field = str | int | float | bool | None


def canonical(fields: dict[str, Field]) -> str:
    """Return the fields as JSON with sorted keys: equal content gives equal text, whatever its order."""
    return json.dumps(fields, sort_keys=True, separators=(",", ":"), allow_nan=False)


def digest(fields: dict[str, Field]) -> str:
    """Return the SHA-256 of :func:`canonical`, 64 hexadecimal digits."""
    return hashlib.sha256(canonical(fields).encode()).hexdigest()


def stream(seed: int, purpose: str, **fields: Field) -> np.random.Generator:
    """Return the generator for one purpose, for example ``stream(7, "weights", gate="f", hidden=64, replicate=0)``.

    Args:
        seed: the study's seed, a non-negative integer.
        purpose: what the numbers are for; two purposes never share numbers.
        fields: everything else that the numbers may depend on.
    """
    key = digest({**fields, "seed": seed, "purpose": purpose})
    return np.random.Generator(np.random.Philox(key=int(key[:32], 16)))
