"""A digest of the code that a stage depends on, so that an edit reruns what depends on it, and only that.

The digest covers the given modules and everything in the package that they import, directly or not. It is taken from
the syntax tree: comments, docstrings, blank lines and the layout of a line do not count, and neither does the time of
a file. Parts of a family (a cell, a task, a figure) are found by name at run time, which no import shows; a stage
names the parts that it uses, so that a new cell changes the digest of nothing that exists.
"""

from __future__ import annotations

import ast
import copy
import functools
import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from whylstm.errors import StudyError

PACKAGE = "whylstm"
ROOT = Path(__file__).parent


def digest(*modules: str, without: Iterable[str] = (), scripts: Iterable[Path] = (), root: Path = ROOT) -> str:
    """Return 16 hexadecimal digits that change when the code behind the modules does.

    Args:
        modules: dotted names, for example ``"whylstm.gradients.profile", "whylstm.cells.lstm"``.
        without: modules to leave out, with what only they import: code that plans or reports but computes no result.
        scripts: files of code outside the package; what they import does not count.
        root: the folder of the package.

    Raises:
        StudyError: if a module does not exist or is no Python.
    """
    together = hashlib.sha256()
    for name in closure(*modules, without=without, root=root):
        together.update(f"{name} {_module(name, root)[0]}\n".encode())
    for path in scripts:
        together.update(_code(_parsed(path)).encode())
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


def mentioned(family: str, *modules: str, root: Path = ROOT) -> list[str]:
    """Return the parts of a family that the code of some modules, with what it imports, names in a string.

    A part that is loaded by a fixed name is found so; one that a setting names is the caller's to add.
    """
    parts = {path.stem for path in root.joinpath(*family.split(".")[1:]).glob("[!_]*.py")} - {"base"}
    nodes = (node for name in closure(*modules, root=root) for node in ast.walk(_tree(name, root)))
    texts = {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    return sorted(parts & texts)


def declared(module: str, attribute: str, root: Path = ROOT) -> dict[str, Any]:
    """Return what a part of a family declares in plain values, without importing it and what it draws in.

    For ``FIGURE = Figure(2, tables=("a", _shared.B))`` that is ``{"arguments": (2,), "tables": ("a", "b")}`` if there
    ``B`` is ``"b"``. Where the class stands in the same file, the values in its body count too. What is computed is
    left out, or ``...`` among the positional arguments.

    Args:
        module: the part's dotted name.
        attribute: what the family calls its part, for example ``"FIGURE"``.
        root: the folder of the package.

    Raises:
        StudyError: if the module does not exist or does not make the attribute by a call.
    """
    call = _globals(module, root).get(attribute)
    if not isinstance(call, ast.Call):
        raise StudyError(f"{module} must define {attribute} by a call, such as {attribute} = {attribute.title()}(...)")
    own = [node for node in _tree(module, root).body if isinstance(node, ast.ClassDef)]
    bodies = [node.body for node in own if node.name == ast.unparse(call.func)]
    found = dict(pair for body in bodies for node in body for pair in _assigned(node))
    found |= {keyword.arg: keyword.value for keyword in call.keywords if keyword.arg}
    plain = {name: _plain(node, module, root) for name, node in found.items()}
    arguments = tuple(_plain(node, module, root) for node in call.args)
    return {"arguments": arguments} | {name: value for name, value in plain.items() if value is not ...}


def _plain(node: ast.expr, module: str, root: Path) -> Any:
    """Return the value of an expression made of constants, of this module or of one that it imports; else ``...``."""
    try:
        return ast.literal_eval(_Constants(module, root).visit(copy.deepcopy(node)))
    except ValueError:
        return ...


class _Constants(ast.NodeTransformer):
    """Puts the values of constants in the place of their names."""

    def __init__(self, module: str, root: Path) -> None:
        self.module, self.root = module, root

    def visit_Name(self, node: ast.Name) -> ast.expr:
        known = _globals(self.module, self.root)
        return known[node.id] if isinstance(known.get(node.id), ast.Constant | ast.Tuple | ast.List) else node

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        near = [name for name in _module(self.module, self.root)[1] if name.endswith(f".{ast.unparse(node.value)}")]
        known = _globals(near[0], self.root) if near else {}
        return known.get(node.attr, node)


def parts(family: str, attribute: str, root: Path = ROOT) -> dict[str, dict[str, Any]]:
    """Return what each part of a family declares, by the part's name; a file without the attribute is no part.

    Arguments and errors as :func:`declared`, with the dotted name of the family's package.
    """
    folder = root.joinpath(*family.split(".")[1:])
    names = sorted(path.stem for path in folder.glob("[!_]*.py"))
    defining = [name for name in names if attribute in _globals(f"{family}.{name}", root)]
    return {name: declared(f"{family}.{name}", attribute, root) for name in defining}


def _globals(module: str, root: Path) -> dict[str, ast.expr]:
    return dict(pair for node in _tree(module, root).body for pair in _assigned(node))


def _assigned(node: ast.AST) -> list[tuple[str, ast.expr]]:
    """Return the name and value that a statement assigns, if it assigns one value to one name."""
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value is not None:
        return [(node.target.id, node.value)]
    if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
        return [(node.targets[0].id, node.value)]
    return []


@functools.cache
def _module(name: str, root: Path) -> tuple[str, tuple[str, ...]]:
    """Return the digest of one module's own code, and the names that it imports from the package."""
    tree, path = _tree(name, root), _path(name, root)
    own = name if path and path.name == "__init__.py" else name.rpartition(".")[0]
    imports = sorted({found for node in ast.walk(tree) for found in _imported(node, own) if _path(found, root)})
    return _code(tree), tuple(imports)


def _code(tree: ast.Module) -> str:
    """Return the SHA-256 of a file's code without its docstrings."""
    _drop_docstrings(tree)
    return hashlib.sha256(ast.dump(tree).encode()).hexdigest()


@functools.cache
def _tree(name: str, root: Path) -> ast.Module:
    path = _path(name, root)
    if path is None:
        raise StudyError(f"no module {name!r} in {root}")
    return _parsed(path)


def _parsed(path: Path) -> ast.Module:
    try:
        return ast.parse(path.read_bytes())
    except (SyntaxError, ValueError) as error:
        raise StudyError(f"{path} is no Python: {error}") from error


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
