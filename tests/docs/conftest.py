"""A family with one part more, as if a stranger had put its file there."""

import importlib
import sys

import pytest


@pytest.fixture
def added(tmp_path, monkeypatch):
    """Return a function that adds a file to a family's package for the time of a test."""
    parts = []

    def add(package, name, text):
        (tmp_path / f"{name}.py").write_text(text, encoding="utf-8")
        monkeypatch.setattr(package, "__path__", [*package.__path__, str(tmp_path)])
        importlib.invalidate_caches()
        parts.append((package, name))
        return name

    yield add
    for package, name in parts:
        sys.modules.pop(f"{package.__name__}.{name}", None)
        vars(package).pop(name, None)
