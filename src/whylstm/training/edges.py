"""Which h-edges the backward pass keeps: all of them, none (truncated gradient), or some at random (h-detach).

Hochreiter & Schmidhuber 1997 trained their LSTM with errors that never pass a recurrent matrix backwards. h-detach
(Kanuparthi et al. 2019) cuts all recurrent edges of a step with probability p, the same steps for every sequence of a
batch; what is left is not rescaled.
"""

from __future__ import annotations

import numpy as np

from whylstm.streams import stream
from whylstm.training.ensemble import Member


def kept(members: tuple[Member, ...], seed: int, update: int, steps: int) -> np.ndarray | None:
    """Return k_t, (T, B) float64 of 0 and 1, for one update; None if every model keeps all of its edges.

    The numbers behind it are keyed by replicate and update: arms with different probabilities cut nested sets of steps.
    """
    if not any(member.detach for member in members):
        return None
    columns = [_column(member, seed, update, steps) for member in members]
    return np.stack(columns, axis=1).astype(np.float64)


def _column(member: Member, seed: int, update: int, steps: int) -> np.ndarray:
    if member.detach in (0, 1):
        return np.full(steps, member.detach == 0)
    return stream(seed, "detach", replicate=member.replicate, update=update).random(steps) >= member.detach
