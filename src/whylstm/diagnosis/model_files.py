"""Weights from a file, without ever running code from it: safetensors, or a torch checkpoint of weights only."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from whylstm.errors import StudyError
from whylstm.files.checkpoints import load_checkpoint, one_line

CHECKPOINTS = (".pt", ".pth", ".ckpt", ".bin", ".tar")
PICKLES = (".pkl", ".pickle", ".joblib", ".dill")
ALLOWED = "allowed: .safetensors, or a torch checkpoint of weights (.pt, .pth, .ckpt, .bin)"


def read(path: str | Path) -> dict[str, Any]:
    """Return the tensors of a file by name, maybe nested.

    Raises:
        StudyError: if the file is missing, of an unknown format, damaged, or would run code when opened.
    """
    path = Path(path)
    if not path.is_file():
        raise StudyError(f"there is no model file {path}")
    if path.suffix.lower() in PICKLES:
        raise StudyError(f"{path} is a pickle, which can run code when it is opened, and is refused; {ALLOWED}")
    if path.suffix.lower() == ".safetensors":
        return _safetensors(path)
    if path.suffix.lower() in CHECKPOINTS:
        return _checkpoint(path)
    raise StudyError(f"{path} has the unknown format {path.suffix or 'without a suffix'!r}; {ALLOWED}")


def _safetensors(path: Path) -> dict[str, Any]:
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        return load_file(path)
    except (OSError, SafetensorError, ValueError, KeyError) as error:
        raise StudyError(f"{path} cannot be read as safetensors: {one_line(error)}") from error


def _checkpoint(path: Path) -> dict[str, Any]:
    found = load_checkpoint(path)
    if not isinstance(found, dict):
        raise StudyError(
            f"{path} holds a {type(found).__name__}, not weights by name; write it with"
            " torch.save(module.state_dict(), ...)"
        )
    return found
