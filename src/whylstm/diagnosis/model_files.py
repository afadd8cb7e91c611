"""Weights from a file, without ever running code from it: safetensors, or a torch checkpoint of weights only."""

from __future__ import annotations

import pickle
import re
import warnings
from pathlib import Path
from typing import Any

from whylstm.errors import StudyError

CHECKPOINTS = (".pt", ".pth", ".ckpt", ".bin", ".tar")
PICKLES = (".pkl", ".pickle", ".joblib", ".dill")
ALLOWED = "allowed: .safetensors, or a torch checkpoint of weights (.pt, .pth, .ckpt, .bin)"
CULPRIT = re.compile(r"GLOBAL ([\w.]+)")


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


def load_checkpoint(path: Path) -> Any:
    """Return what a torch file holds, by the loader that knows tensors and plain containers and nothing else.

    Raises:
        StudyError: if the file holds anything else, naming it, or cannot be read.
    """
    import torch

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return torch.load(path, map_location="cpu", weights_only=True)
    except (pickle.UnpicklingError, RuntimeError, EOFError, OSError, ValueError, KeyError, TypeError) as error:
        raise _refusal(path, error) from error
    except Exception as error:  # torch raises many kinds for bytes that are no such file, struct.error among them
        raise StudyError(f"{path} cannot be read as a torch file: {one_line(error)}") from error


def _refusal(path: Path, error: Exception) -> StudyError:
    """Return the error for a file that torch's careful loader refuses: it would run code, or it is broken."""
    said = str(error)
    culprit = CULPRIT.search(said)
    if culprit or "TorchScript" in said or "blocked" in said or "Unsupported" in said:
        holds = f"{culprit[1].rstrip('.')}, not only tensors" if culprit else "more than tensors"
        return StudyError(
            f"{path} is refused, for it holds {holds}, and opening it could run code; write the weights alone with"
            " torch.save(module.state_dict(), ...), or as safetensors"
        )
    return StudyError(f"{path} cannot be read as a torch file: {one_line(error)}")


def one_line(error: Exception) -> str:
    """Return the first sentence of an error, without line breaks."""
    words = " ".join(str(error).split()) or type(error).__name__
    return words if len(words) <= 120 else f"{words[:117]}..."
