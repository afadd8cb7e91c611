"""Why, and how far, does an LSTM keep gradients alive? Exact gradients of the whole recurrent state, measured.

``whylstm.diagnose(module, inputs)`` measures a recurrent network of your own; it is imported when it is first asked
for, so that importing whylstm costs nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from whylstm.diagnosis.api import diagnose

__version__ = "0.1.0"

__all__ = ["__version__", "diagnose"]


def __getattr__(name: str) -> Any:
    """Return ``diagnose``, imported now."""
    if name == "diagnose":
        return import_module("whylstm.diagnosis.api").diagnose
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
