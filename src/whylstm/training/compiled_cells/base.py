"""What the compiled form of a cell declares: a step's elementwise work, and the way back.

The same equations as in :mod:`whylstm.cells`, held against them by a test. Of a step, N sequences of H units are M
numbers in a row (:mod:`whylstm.training.kernels` has the padding):

    update(tape, h0, h1, c0, c1, own)
        makes gates of the drives in ``tape`` (S+1, M), in place, and writes the new state ``h1``, ``c1``; the last row
        of the tape is free for what the way back can use
    pull(tape, h0, h1, c0, back, delta, place, own, d_own)
        takes λ of the new state in ``back`` (rows: h, then the memories), leaves there what carry hands to the old
        state, and writes δ, the gradient of every drive, into ``delta[:, place]`` (S, M)

The drives stand in the order of the cell's gates and see r + a, if the file says nothing else. The numbers that are a
cell's own, a unit's once for every sequence, are ``own`` (E, M); their gradient is added up in ``d_own``.

All arguments are float32 or all float64.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

Own = str | tuple[str, str, str]


@dataclass(frozen=True)
class Kernel:
    """One compiled cell.

    Attributes:
        update, pull: its two functions; see the module's docstring.
        own: the cell's own numbers in the order of ``own``: an extra or an option by its name, or a coefficient that
            depends on nothing else, as (block, new part, variable).
        input_slots: the drive that each gate's input is added to, where a gate has more than one; recurrent drives go
            to the first R.
    """

    update: Any
    pull: Any
    own: tuple[Own, ...] = ()
    input_slots: tuple[int, ...] | None = None
