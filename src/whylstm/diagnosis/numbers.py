"""Tensors of a user's, made plain: float64 on the processor, finite, and cut off from any graph."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor

from whylstm.errors import StudyError


def plain(value: Any, what: str) -> Tensor:
    """Return a tensor or array of floats as a float64 tensor of its own.

    Args:
        value: a tensor or array.
        what: its name, for the message.

    Raises:
        StudyError: if it is no tensor or array, holds no floats, holds no numbers at all, or holds NaN or an infinity.
    """
    if isinstance(value, np.ndarray):
        if value.dtype.kind != "f":
            raise StudyError(f"{what} has dtype {value.dtype}; allowed: floating-point numbers")
        value = torch.from_numpy(value.astype(np.float64))
    if not isinstance(value, Tensor):
        raise StudyError(f"{what} is a {type(value).__name__}; allowed: a tensor or an array of numbers")
    if not value.dtype.is_floating_point:
        raise StudyError(f"{what} has dtype {str(value.dtype).removeprefix('torch.')}; allowed: floating-point numbers")
    if value.layout is not torch.strided or value.is_meta or value.is_quantized:
        raise StudyError(f"{what} is a sparse, quantised or empty (meta) tensor; allowed: a dense tensor of numbers")
    out = value.detach().to("cpu", torch.float64, copy=True)
    if out.numel() == 0:
        raise StudyError(f"{what} has shape {tuple(out.shape)}, which holds no number")
    return out


def check_finite(value: Tensor, what: str, axes: tuple[str, ...]) -> None:
    """Do nothing if all numbers are finite.

    Args:
        value: a tensor with as many dimensions as ``axes``.
        what: its name, for the message.
        axes: what each axis counts, such as ``("row", "column")``.

    Raises:
        StudyError: naming the first NaN or infinity, its place (from 0) and how many there are.
    """
    wrong = (~torch.isfinite(value)).nonzero()
    if len(wrong):
        place = ", ".join(f"{axis} {int(index)}" for axis, index in zip(axes, wrong[0], strict=True))
        number = float(value[tuple(wrong[0])])
        raise StudyError(
            f"{what} holds {number:g} at {place} (counted from 0), one of {len(wrong)} numbers that are not finite;"
            " allowed: finite numbers"
        )


def was(value: Any) -> str:
    """Return the name of a tensor's or array's dtype, such as ``float32``."""
    return str(value.dtype).removeprefix("torch.")
