"""All compiled cells behind one function for a step and one for the way back, told apart by a number.

So the passes through time (:mod:`whylstm.training.kernels`) are compiled once, and not once for every cell. Numba knows
no table of functions, so the branches are written here, from the names of the files in the folder: no list is edited
when a cell is added, and no import leads from here to a cell, whose code counts for the networks of that cell alone.
"""

from __future__ import annotations

from typing import Any

from numba import njit

from whylstm.training import compiled_cells
from whylstm.training.arithmetic import INNER

_LOADED = {name: compiled_cells.load(name) for name in compiled_cells.names()}

KERNELS = list(dict.fromkeys(_LOADED.values()))
"""What is told apart, by number: cells may share a kernel."""

KINDS = {name: KERNELS.index(kernel) for name, kernel in _LOADED.items()}
"""The number of each compiled cell."""


def _chosen(name: str, arguments: str) -> Any:
    """Return a compiled function of (kind, arguments) that calls the function ``name`` of the kernel of that number."""
    lines = [f"def {name}(kind, {arguments}):"]
    for number in range(len(KERNELS)):
        lines += [f"    {'elif' if number else 'if'} kind == {number}:", f"        f{number}({arguments})"]
    space = {f"f{number}": getattr(kernel, name) for number, kernel in enumerate(KERNELS)}
    exec("\n".join(lines), space)  # a text of numbers that was written here
    return njit(**INNER)(space[name])


update = _chosen("update", "tape, h0, h1, c0, c1, own")
"""A compiled cell's ``update`` (:mod:`whylstm.training.compiled_cells.base`), by its number."""

pull = _chosen("pull", "tape, h0, h1, c0, back, delta, place, own, d_own")
"""A compiled cell's ``pull``, by its number."""
