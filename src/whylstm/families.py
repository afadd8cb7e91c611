"""Families of parts: one file each, found by its name, with no list to edit.

A family is a package whose public files each define one part (a cell, a task, a figure ...) under one agreed
attribute. The file's stem is the part's name. Names are read from the folder, so that a config can be checked without
importing a single part; a part is imported when it is asked for.
"""

from __future__ import annotations

import difflib
import importlib
import pkgutil
from typing import Any

from whylstm.errors import StudyError


def names(family: str) -> list[str]:
    """Return the sorted names of the parts in a family such as ``"whylstm.cells"``.

    Files whose name starts with an underscore, and ``base``, are no parts.
    """
    package = importlib.import_module(family)
    found = (module.name for module in pkgutil.iter_modules(package.__path__))
    return sorted(name for name in found if not name.startswith("_") and name != "base")


def load(family: str, name: str, attribute: str) -> Any:
    """Import the part ``name`` of a family and return what it defines as ``attribute``.

    Raises:
        StudyError: if the family has no such part, naming the nearest one, or if its file lacks the attribute.
    """
    if name not in names(family):
        raise StudyError(f"{family} has no part {name!r}; {did_you_mean(name, names(family))}")
    module = importlib.import_module(f"{family}.{name}")
    if not hasattr(module, attribute):
        raise StudyError(f"{module.__name__} must define {attribute}")
    return getattr(module, attribute)


def did_you_mean(word: str, allowed: list[str]) -> str:
    """Return a half-sentence with the allowed words, led by the nearest one where there is one."""
    near = difflib.get_close_matches(word, allowed, n=1, cutoff=0.5)
    hint = f"did you mean {near[0]!r}? " if near else ""
    return f"{hint}allowed: {', '.join(allowed)}"
