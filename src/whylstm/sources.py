"""A digest of the code that a stage depends on, so that an edit reruns what depends on it, and only that.

The digest covers the given modules and everything in the package that they import, directly or not. It is taken from
the syntax tree: comments, docstrings, blank lines and the layout of a line do not count, and neither does the time of
a file. Parts of a family (a cell, a task, a figure) are found by name at run time, which no import shows; a stage
names the parts that it uses, so that a new cell changes the digest of nothing that exists.
"""

from __future__ import annotations

import ast
import functools
import hashlib
from collections.abc import Iterable
from pathlib import Path

from whylstm.errors import StudyError

PACKAGE = "whylstm"
ROOT = Path(__file__).parent


def digest(*modules: str, without: Iterable[str] = (), root: Path = ROOT) -> str:
    """Return 16 hexadecimal digits that change when the code behind the modules does.

    Args:
        modules: dotted names, for example ``"whylstm.gradients.profile", "whylstm.cells.lstm"``.
        without: modules to leave out, with what only they import: code that plans or reports but computes no result.
        root: the folder of the package.

    Raises:
        StudyError: if a module does not exist or is no Python.
    """
    together = hashlib.sha256()
    for name in closure(*modules, without=without, root=root):
        together.update(f"{name} {_module(name, root)[0]}\n".encode())
    return together.hexdigest()[:16]


def closure(*modules: str, without: Iterable[str] = (), root: Path = ROOT) -> list[str]:
    """Return the sorted names of the modules and of all that they import inside the package; arguments as ``digest``.

    A package's own file counts with each of its modules, since importing the module runs it; the top one, which holds
    the version and nothing else, does not.
    """
    skipped, found = set(without), set[str]()
    waiting = list(modules)
    while waiting:
        name = waiting.pop()
        if name in found or name in skipped or name == PACKAGE:
            continue
        found.add(name)
        waiting += [*_module(name, root)[1], name.rpartition(".")[0]]
    return sorted(found)


@functools.cache
def _module(name: str, root: Path) -> tuple[str, tuple[str, ...]]:
    """Return the digest of one module's own code, and the names that it imports from the package."""
    path = _path(name, root)
    if path is None:
        raise StudyError(f"no module {name!r} in {root}")
    try:
        tree = ast.parse(path.read_bytes())
    except (SyntaxError, ValueError) as error:
        raise StudyError(f"{path} is no Python: {error}") from error
    own = name if path.name == "__init__.py" else name.rpartition(".")[0]
    imports = sorted({found for node in ast.walk(tree) for found in _imported(node, own) if _path(found, root)})
    _drop_docstrings(tree)
    return hashlib.sha256(ast.dump(tree).encode()).hexdigest(), tuple(imports)


def _path(name: str, root: Path) -> Path | None:
    """Return the file of a module of the package, or None if there is none."""
    head, *rest = name.split(".")
    if head != PACKAGE:
        return None
    folder = root.joinpath(*rest)
    candidates = (folder.with_suffix(".py"), folder / "__init__.py")
    return next((path for path in candidates if path.is_file()), None)


def _imported(node: ast.AST, package: str) -> list[str]:
    """Return every dotted name that an import statement may load; names of functions among them are no modules."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if not isinstance(node, ast.ImportFrom):
        return []
    base = node.module or ""
    if node.level:
        above = ".".join(package.split(".")[: len(package.split(".")) - node.level + 1])
        base = f"{above}.{base}".rstrip(".")
    return [base, *(f"{base}.{alias.name}" for alias in node.names)]


def _drop_docstrings(tree: ast.AST) -> None:
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and body:
            node.body = [item for item in body if not _is_text(item)] or [ast.Pass()]


def _is_text(node: ast.AST) -> bool:
    """Whether a statement is a string and nothing else: a docstring, or one below an assignment."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
