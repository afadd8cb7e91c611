"""Hold a config against the schema; the first mistake becomes one sentence: the key, its value, what is allowed."""

from __future__ import annotations

import math
import re
import reprlib
from collections.abc import Iterator
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator, ValidationError, validators

from whylstm.errors import StudyError
from whylstm.families import did_you_mean
from whylstm.study.schema import Node, allowed, family_names, schema

_PLAIN = re.compile(r"[A-Za-z0-9_]+")
_SHORT = reprlib.Repr()
_SHORT.maxlevel, _SHORT.maxlist, _SHORT.maxdict = 2, 5, 3
_SHORT.maxstring, _SHORT.maxother, _SHORT.maxlong = 60, 60, 40


def check(config: Any, node: Node | None = None) -> None:
    """Check a config, before its defaults are filled in.

    Raises:
        StudyError: for the first mistake; unknown keys come before wrong values, since they are often the reason.
    """
    _check_names(config, ())
    errors = _validator()(schema() if node is None else node).iter_errors(config)
    first = min(errors, key=lambda error: error.validator != "additionalProperties", default=None)
    if first is not None:
        raise StudyError(_sentence(first))


def where(path: Any) -> str:
    """Return a path of names and list positions as written in messages: ``simulation.grids.gated.gain[2]``."""
    parts = [f"[{part}]" if isinstance(part, int) else f".{_name(part)}" for part in path]
    return "".join(parts).removeprefix(".") or "the config"


def shown(value: Any) -> str:
    """Return a value as shown in messages: short, on one line, with its kind where that helps."""
    match value:
        case None:
            return "empty (null)"
        case bool():
            return "true" if value else "false"
        case str():
            return f"the text {_SHORT.repr(value)}"
        case list():
            return f"the list {_SHORT.repr(value)}" if value else "an empty list"
        case dict():
            return f"the mapping {_SHORT.repr(value)}" if value else "an empty mapping"
        case int() | float():
            return _SHORT.repr(value)
        case _:
            return f"the {type(value).__name__} {_SHORT.repr(str(value))}"


def _name(part: str) -> str:
    return part if _PLAIN.fullmatch(part) else _SHORT.repr(part)


def _check_names(value: Any, path: tuple[str | int, ...]) -> None:
    """Refuse keys that are no texts: JSON has none, so the schema cannot."""
    if isinstance(value, list):
        for index, item in enumerate(value):
            _check_names(item, (*path, index))
    if isinstance(value, dict):
        for key, item in value.items():
            if not isinstance(key, str):
                raise StudyError(f"the key {_SHORT.repr(key)} in {where(path)} must be a text")
            _check_names(item, (*path, key))


@cache
def _validator() -> Any:
    """Return the validator class: numbers are finite, true is none, 2.0 is not whole, patterns match the whole text."""

    def whole(_: Any, value: Any) -> bool:
        return isinstance(value, int) and not isinstance(value, bool)

    def finite(_: Any, value: Any) -> bool:
        return whole(_, value) or (isinstance(value, float) and math.isfinite(value))

    types = Draft202012Validator.TYPE_CHECKER.redefine_many({"integer": whole, "number": finite})
    return validators.extend(Draft202012Validator, {"family": _family, "pattern": _pattern}, type_checker=types)


def _family(validator: Any, family: str, value: Any, node: Node) -> Iterator[ValidationError]:
    if isinstance(value, str) and value not in family_names(node):
        yield ValidationError(f"{value!r} is no part of {family}")


def _pattern(validator: Any, pattern: str, value: Any, node: Node) -> Iterator[ValidationError]:
    if isinstance(value, str) and not re.fullmatch(pattern, value):  # the usual search lets a line break follow `$`
        yield ValidationError(f"{value!r} does not match {pattern!r}")


def _sentence(error: ValidationError) -> str:
    value: Any = error.instance
    path, node = where(error.absolute_path), error.schema
    assert isinstance(node, dict)
    if "propertyNames" in error.schema_path:
        return f"the name {_SHORT.repr(value)} in {path} must be {node['form']}"
    match error.validator:
        case "additionalProperties":
            return _unknown_key(error.absolute_path, value, node)
        case "required":
            return _missing_key(error.absolute_path, value, node)
        case "uniqueItems":
            return f"{path} holds {shown(_twice(value))} twice, but must be {allowed(node)}"
        case "family" | "enum" if isinstance(value, str):
            names = family_names(node) if "family" in node else node["enum"]
            return f"{path} is {shown(value)}, which does not exist; {did_you_mean(value, names)}"
        case _:
            return f"{path} must be {allowed(node)}, but is {shown(value)}"


def _unknown_key(path: Any, value: dict[str, Any], node: Node) -> str:
    name = next(name for name in value if name not in node["properties"])
    hint = did_you_mean(name, list(node["properties"]))
    return f"unknown key {where((*path, name))}, which is {shown(value[name])}; {hint}"


def _missing_key(path: Any, value: dict[str, Any], node: Node) -> str:
    name = next(name for name in node["required"] if name not in value)
    return f"{where((*path, name))} is missing; it must be {allowed(node['properties'][name])}"


def _twice(values: list[Any]) -> Any:
    return next(value for index, value in enumerate(values) if value in values[:index])
