"""Routines for matrices that can give up on finite numbers, so large or so small that their products are not.

A finding that needs one of them is left out with a note, and the rest of the diagnosis stands; where nothing stands
without it, the failure is a sentence that names the part.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import numpy as np
import torch

from whylstm.errors import StudyError

GIVEN_UP = (torch.linalg.LinAlgError, np.linalg.LinAlgError, ArithmeticError)
"""What svd, eigvals, qr and cholesky raise where they do not converge, and what Python raises on overflow."""


@contextlib.contextmanager
def or_left_out(finding: str, notes: list[str]) -> Iterator[None]:
    """Leave a finding out, with a note, if a routine gives up on it.

    Args:
        finding: what is left out, such as ``The theory of layer 1``.
        notes: to which the sentence is added, once.
    """
    try:
        yield
    except GIVEN_UP:
        note = f"{finding} is left out: its numbers are so large or so small that a routine for matrices gave up."
        if note not in notes:
            notes.append(note)


@contextlib.contextmanager
def or_refused(part: str) -> Iterator[None]:
    """Turn the failure of a routine into a sentence.

    Raises:
        StudyError: naming the part, if a routine gives up on it.
    """
    try:
        yield
    except GIVEN_UP as error:
        raise StudyError(
            f"{part} holds numbers so large or so small that a routine for matrices gave up; check the scale of the"
            " weights and of the inputs"
        ) from error
