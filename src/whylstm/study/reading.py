"""Read a YAML file as plain data, safely: every mistake is one sentence with file, line and column.

Stricter than YAML itself where a study would suffer: a key given twice, a key that is no text (``on:``, ``1:``), and
anchors that unfold to more than :data:`MOST_VALUES` values are errors; so are numbers that YAML 1.1 reads to another
base than they seem to have (``0100`` is 64 there, ``1:30`` is 90). Wider in one point: ``1e-3`` is a number, as in YAML
1.2.
"""

from __future__ import annotations

import re
import reprlib
from pathlib import Path
from typing import Any

import yaml

from whylstm.errors import StudyError

MOST_VALUES = 1_000_000
MOST_LEVELS = 50
MOST_DIGITS = 1000
_TEXT = "tag:yaml.org,2002:str"
_MERGE = "tag:yaml.org,2002:merge"
_FLOAT = re.compile(r"^[-+]?[0-9][0-9_]*(?:\.[0-9_]*)?[eE][-+]?[0-9]+$")


_OTHER_BASE = re.compile(r"[-+]?(0[0-9_]+|[0-9][0-9_]*(:[0-9_]+)+(\.[0-9_]*)?)")


class _Loader(yaml.SafeLoader):
    """The safe loader, with unique keys that are texts, and numbers that are what they seem."""

    def compose_mapping_node(self, anchor: Any) -> yaml.MappingNode:
        node = super().compose_mapping_node(anchor)
        seen: set[str] = set()
        for key, _ in node.value:
            if key.tag not in (_TEXT, _MERGE):
                raise _mistake(key, f"the key {_as_written(key)} must be a text")
            if key.value in seen:
                raise _mistake(key, f"the key {key.value!r} is given twice")
            seen.add(key.value)
        return node

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        try:
            return super().construct_object(node, deep=deep)
        except (ValueError, LookupError, TypeError, AttributeError) as error:  # whatever PyYAML stumbles over
            kind = node.tag.rpartition(":")[2]
            raise _mistake(node, f"it holds a value that cannot be read as {kind}: {_as_written(node)}") from error

    def construct_yaml_int(self, node: yaml.ScalarNode) -> int:
        _refuse_other_base(node)
        if len(node.value) > MOST_DIGITS:  # Python writes no longer ones, not even into a message
            raise ValueError(f"more than {MOST_DIGITS} digits")
        return super().construct_yaml_int(node)

    def construct_yaml_float(self, node: yaml.ScalarNode) -> float:
        _refuse_other_base(node)
        return super().construct_yaml_float(node)


_Loader.add_constructor("tag:yaml.org,2002:int", _Loader.construct_yaml_int)
_Loader.add_constructor("tag:yaml.org,2002:float", _Loader.construct_yaml_float)
_Loader.add_implicit_resolver("tag:yaml.org,2002:float", _FLOAT, list("-+0123456789"))


def read_yaml(path: Path) -> dict[str, Any]:
    """Return the mapping that a YAML file holds; an empty file is an empty mapping.

    Raises:
        StudyError: if the file is missing, unreadable, not UTF-8, not valid YAML, or holds something else.
    """
    text = _text(path)
    try:
        data = _parsed(text, path)
    except yaml.MarkedYAMLError as error:
        raise StudyError(f"{path} is not valid YAML{_where(error)}: {_what(error)}") from error
    except yaml.YAMLError as error:
        raise StudyError(f"{path} is not valid YAML: {' '.join(str(error).split())}") from error
    except (ValueError, OverflowError) as error:  # such as an escape that names no character
        raise StudyError(f"{path} holds a value that cannot be read: {error}") from error
    except RecursionError as error:
        raise StudyError(f"{path} is nested too deeply: at most {MOST_LEVELS} levels are allowed") from error
    if not isinstance(data, dict):
        raise StudyError(f"{path} must hold keys and values, but holds a {type(data).__name__}")
    return data


def typed(value: Any) -> Any:
    """Return what a command line says, with numbers and truth values in the place of the texts that spell them.

    Below its first level Snakemake reads all of ``--config`` as text. A text that spells neither stays as it is, and so
    does one that spells a number in a way that a file may not.
    """
    if isinstance(value, dict):
        return {name: typed(item) for name, item in value.items()}
    if isinstance(value, list):
        return [typed(item) for item in value]
    try:
        read = _Loader(value).get_single_data() if isinstance(value, str) else value
    except (yaml.YAMLError, ValueError, OverflowError, RecursionError):
        return value
    return read if isinstance(read, bool | int | float) or not isinstance(value, str) else value


def _refuse_other_base(node: yaml.ScalarNode) -> None:
    if _OTHER_BASE.fullmatch(node.value):
        raise _mistake(node, f"the number {node.value!r} has a leading zero or a colon, so it may mean another one")


def _parsed(text: str, path: Path) -> Any:
    loader = _Loader(text)
    node = loader.get_single_node()
    if node is None:
        return {}
    _refuse_bombs(node, path)
    return loader.construct_document(node)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise StudyError(f"{path} is missing: give the path of an existing YAML file") from error
    except UnicodeDecodeError as error:
        raise StudyError(f"{path} is not UTF-8 text (byte {error.start})") from error
    except OSError as error:
        raise StudyError(f"{path} cannot be read: {error.strerror}") from error


def _mistake(node: yaml.Node, problem: str) -> yaml.MarkedYAMLError:
    return yaml.MarkedYAMLError(problem=problem, problem_mark=node.start_mark)


def _as_written(node: yaml.Node) -> str:
    return reprlib.repr(node.value) if isinstance(node, yaml.ScalarNode) else "(a list or a mapping)"


def _where(error: yaml.MarkedYAMLError) -> str:
    mark = error.problem_mark or error.context_mark
    return f" at line {mark.line + 1}, column {mark.column + 1}" if mark else ""


def _what(error: yaml.MarkedYAMLError) -> str:
    return ", ".join(" ".join(part.split()) for part in (error.context, error.problem) if part)


def _refuse_bombs(root: yaml.Node, path: Path) -> None:
    """Refuse anchors that unfold to more than a study can hold, or that contain themselves."""
    values = _unfolded(root, {}, 0)
    if values > MOST_VALUES:
        raise StudyError(f"{path} unfolds to {values} values: at most {MOST_VALUES} are allowed")


def _unfolded(node: yaml.Node, known: dict[int, int], level: int) -> int:
    """Return how many values a node stands for once its aliases are written out."""
    if level > MOST_LEVELS:  # also where an anchor contains itself
        raise RecursionError
    if isinstance(node, yaml.ScalarNode):
        return 1
    if id(node) not in known:
        pairs = isinstance(node, yaml.MappingNode)
        children = [child for pair in node.value for child in pair] if pairs else node.value
        known[id(node)] = 1 + sum(_unfolded(child, known, level + 1) for child in children)
    return known[id(node)]
