"""Torch's own files, opened by the loader that knows tensors and plain containers and nothing else."""

from __future__ import annotations

import pickle
import re
import warnings
from pathlib import Path
from typing import Any

from whylstm.errors import StudyError

CULPRIT = re.compile(r"GLOBAL ([\w.]+)")


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
