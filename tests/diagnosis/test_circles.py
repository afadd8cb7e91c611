"""No file of the diagnosis needs one that needs it, in functions and for types neither."""

import ast
from collections import defaultdict
from graphlib import CycleError, TopologicalSorter

import pytest

from whylstm.study.schema import ROOT


def imports(package):
    """Return what each module of a package imports, anywhere in its file."""
    source = ROOT / "src"
    files = {
        ".".join(path.relative_to(source).with_suffix("").parts): path for path in (source / package).rglob("*.py")
    }
    modules = {name.removesuffix(".__init__"): path for name, path in files.items()}
    found = defaultdict(set)
    for name, path in modules.items():
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and node.module:
                wanted = [f"{node.module}.{alias.name}" for alias in node.names]
                found[name] |= {one if one in modules else node.module for one in wanted} & set(modules)
    return found


def test_there_is_no_circle():
    found = imports("whylstm/diagnosis")
    assert len(found) > 40
    tuple(TopologicalSorter(found).static_order())


def test_a_circle_would_be_seen():
    with pytest.raises(CycleError):
        tuple(TopologicalSorter({"a": {"b"}, "b": {"a"}}).static_order())
