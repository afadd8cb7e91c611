"""A user's inputs as (N, T, D) in float64: from an array, a tensor or a file."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
from torch import Tensor

from whylstm.diagnosis.numbers import check_finite, plain, was
from whylstm.diagnosis.state_dicts import flattened
from whylstm.errors import StudyError
from whylstm.files.checkpoints import load_checkpoint, one_line

FORMATS = "allowed: .npy, .npz, or a tensor in a .pt file"
USUAL = ("inputs", "x", "X", "arr_0")
"""The names that are looked for in a file with several arrays, in this order."""

AXES = ("sequence", "step", "feature")
MANY = 6
"""How many names of arrays a message lists."""

MOST = 4
"""How many sequences are measured unless the user chooses."""


@dataclass(frozen=True)
class Sequences:
    """The sequences to measure: values (N, T, D) in float64, their numbers in the user's data, and what was assumed."""

    values: Tensor
    numbers: tuple[int, ...]
    notes: tuple[str, ...]


def read(path: str | Path, array: str | None = None) -> Any:
    """Return the array or tensor in a file; nothing in it is ever run.

    Args:
        path: a .npy, .npz or .pt file.
        array: which one, where the file holds several.

    Raises:
        StudyError: if the file is missing, of an unknown format, damaged, or would run code when opened.
    """
    path = Path(path)
    if not path.is_file():
        raise StudyError(f"there is no input file {path}")
    if path.suffix.lower() in (".npy", ".npz"):
        return _numpy(path, array)
    if path.suffix.lower() in (".pt", ".pth"):
        found = load_checkpoint(path)
        return chosen(path, flattened(found), array) if isinstance(found, dict) else found
    raise StudyError(f"{path} has the unknown format {path.suffix or 'without a suffix'!r}; {FORMATS}")


def _numpy(path: Path, array: str | None) -> Any:
    try:
        found = np.load(path, allow_pickle=False)
        arrays = {name: found[name] for name in found.files} if hasattr(found, "files") else None
    except Exception as error:  # numpy raises many kinds for broken files
        if "allow_pickle" in str(error):
            raise StudyError(f"{path} holds Python objects, which can run code when opened, and is refused") from error
        raise StudyError(f"{path} cannot be read as {path.suffix}: {one_line(error)}") from error
    return found if arrays is None else chosen(path, arrays, array)


def chosen(path: Path, arrays: dict[str, Any], array: str | None) -> Any:
    """Return the one array that is meant among several: by its name, the only one, or one of the usual names.

    Raises:
        StudyError: if it is not there or cannot be told.
    """
    names = [array] if array else list(arrays) if len(arrays) == 1 else [name for name in USUAL if name in arrays]
    if not names or names[0] not in arrays:
        held = ", ".join([*map(str, list(arrays)[:MANY]), *["..."] * (len(arrays) > MANY)]) or "no array"
        raise StudyError(f"{path} holds {held}; choose one with array{'' if array is None else f' (not {array!r})'}")
    return arrays[names[0]]


def prepare(values: Any, features: int, time_first: bool | None, wanted: Iterable[int] | None = None) -> Sequences:
    """Return inputs as sequences.

    Args:
        values: (T, D), (N, T, D), or (T, N, D) if ``time_first``; floats.
        features: D, what the network reads.
        time_first: whether time is the first of three axes.
        wanted: the sequences to keep, counted from 0; the first few if left out.

    Raises:
        StudyError: if the shape does not fit, naming it and D; if a number is not finite, naming its place.
    """
    found = plain(values, "the input")
    shape = tuple(found.shape)
    if len(shape) not in (2, 3):
        raise StudyError(f"the input has shape {shape}; allowed: (steps, features) or (sequences, steps, features)")
    if shape[-1] != features:
        raise StudyError(f"the input has shape {shape}, so {shape[-1]} features, but the network reads {features}")
    whole = found[None] if len(shape) == 2 else found.transpose(0, 1) if time_first else found
    numbers = _numbers(wanted, whole.shape[0])
    kept = whole[list(numbers)].contiguous()
    check_finite(kept, "the input", AXES)
    return Sequences(kept, numbers, tuple(_notes(values, whole, len(shape), bool(time_first), numbers)))


def _numbers(wanted: Iterable[int] | None, there: int) -> tuple[int, ...]:
    """Return which sequences are kept.

    Raises:
        StudyError: if one that is asked for does not exist, or none is.
    """
    if wanted is None:
        return tuple(range(min(MOST, there)))
    numbers: dict[int, None] = {}
    for number in wanted:
        if not 0 <= number < there:
            raise StudyError(f"sequences: there is no sequence {number}; allowed: 0 to {there - 1}")
        numbers[number] = None
    if not numbers:
        raise StudyError(f"sequences is empty; allowed: one or more of 0 to {there - 1}")
    return tuple(numbers)


def _notes(values: Any, whole: Tensor, axes: int, time_first: bool, numbers: tuple[int, ...]) -> list[str]:
    count, steps, _ = whole.shape
    notes = []
    if axes == 3 and count > 1:
        order = "(steps, sequences, features)" if time_first else "(sequences, steps, features)"
        notes.append(f"The input was read as {order}: {count} sequences of {steps} steps.")
    if len(numbers) < count:
        notes.append(f"Of {count} sequences, {len(numbers)} were measured: {', '.join(map(str, numbers))}.")
    if was(values) != "float64":
        notes.append(f"The input is {was(values)} and was converted to float64.")
    return notes


def parsed(text: str) -> Iterable[int]:
    """Return a choice of sequences as numbers, one after the other: a range may be longer than the memory.

    >>> list(parsed("0,3,5:8"))
    [0, 3, 5, 6, 7]

    Raises:
        StudyError: if it is not of this form.
    """
    out: list[range] = []
    for piece in text.split(","):
        match = re.fullmatch(r"\s*(\d{1,9})(?::(\d{1,9}))?\s*", piece)
        if match is None:
            raise StudyError(f"sequences: {text!r} is not allowed; allowed: numbers and ranges such as 0,3,5:8")
        first = int(match[1])
        out.append(range(first, int(match[2]) if match[2] else first + 1))
    return chain.from_iterable(out)
