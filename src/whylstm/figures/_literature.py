"""Numbers of the literature that figures draw, as numbers; where they come from stands in the article's list.

Pascanu et al. (2013) trained one simple network on temporal order at lengths from 50 to 200, by SGD with clipping and
Ω, with up to five million updates. Hochreiter and Schmidhuber (1997) state the sequences that their LSTM needed.
"""

from __future__ import annotations

TASK = "temporal_order"
TRAINED = (50, 200)
UPDATES = 5_000_000

SEQUENCES: dict[str, dict[int, int]] = {
    "temporal_order": {100: 31_390},
    "adding": {100: 74_000, 500: 209_000, 1000: 853_000},
}
"""By task and length (lag for the adding problem): sequences until the LSTM of 1997 had learned it."""


def order() -> str:
    """Return what the bar of the literature says, as a sentence."""
    low, high = TRAINED
    whose = "Pascanu et al. (2013), one network with clipping and Ω"
    return f"{whose} solves {low} to {high} steps, in up to {UPDATES:,} updates."
