"""The device that computes: whether it is here, asked before any job starts."""

from __future__ import annotations

from whylstm.errors import StudyError


def check(name: str) -> None:
    """Check that a device is there. Torch, which takes a second to import, is asked about a GPU only.

    Raises:
        StudyError: if a GPU is asked for and torch finds none that it can use.
    """
    if name == "cpu":
        return
    import torch

    if not torch.cuda.is_available():
        why = "finds none here" if torch.version.cuda else "is built without CUDA here"
        raise StudyError(f"device is {name!r}, but torch {why}; take device: cpu, or a machine and a torch with CUDA")
