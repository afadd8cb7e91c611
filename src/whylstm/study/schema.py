"""The schema of the config: read once, and put into words for messages, for ``explain`` and for docs/config.md."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from whylstm import families
from whylstm.study.experiments import laboratory_node
from whylstm.study.reading import read_yaml

ROOT = Path(__file__).resolve().parents[3]
"""The folder of the study: config.yaml, Snakefile, workflow/."""

SCHEMA = ROOT / "workflow" / "schemas" / "config.schema.yaml"

Node = dict[str, Any]
"""One node of the schema: what one key may hold."""

_NOUN = {"integer": "a whole number", "number": "a number", "string": "a text", "boolean": "true or false"}
_PLURAL = {"integer": "whole numbers", "number": "numbers", "string": "texts"}


@dataclass(frozen=True)
class Key:
    """One key of the config, in words.

    Attributes:
        path: where it stands, such as ``simulation.grids.<name>.gain``.
        sentence: what it means.
        type: what kind of value it holds.
        range: which values are allowed; empty if all of the kind are.
        unit: what a number counts or measures; empty where there is nothing to count.
        default: the value that is taken if it is left out.
    """

    path: str
    sentence: str
    type: str
    range: str
    unit: str
    default: str


@cache
def schema(path: Path = SCHEMA) -> Node:
    """Return the schema with its references written out.

    Raises:
        StudyError: if the file is missing or no valid YAML.
    """
    raw = read_yaml(path)
    raw["properties"]["laboratory"] = laboratory_node()
    return _written_out({name: node for name, node in raw.items() if name != "$defs"}, raw["$defs"])


def _written_out(node: Any, definitions: Node) -> Any:
    if isinstance(node, list):
        return [_written_out(item, definitions) for item in node]
    if not isinstance(node, dict):
        return node
    own = {name: _written_out(value, definitions) for name, value in node.items() if name not in ("$ref", "settings")}
    if "settings" in node:
        own["properties"] |= _settings(node["settings"], definitions)
    name = node.get("$ref", "").removeprefix("#/$defs/")
    return {**_written_out(definitions[name], definitions), **own} if name else own


def _settings(given: Node, definitions: Node) -> Node:
    """Return the keys of some definitions; where they come ``from`` further up, each has no default of its own."""
    found = [definitions[name]["properties"].items() for name in given["of"]]
    keys = {key: _written_out(child, definitions) for items in found for key, child in items}
    if "from" not in given:
        return keys
    bare = {key: {name: fact for name, fact in child.items() if name != "default"} for key, child in keys.items()}
    return {key: {**child, "inherits": f"{given['from']}.{key}"} for key, child in bare.items()}


def allowed(node: Node) -> str:
    """Return what a key may hold as a phrase that follows "must be"."""
    unit = f" ({node['unit']})" if "unit" in node else ""
    match node.get("type"):
        case None:
            return " or ".join(allowed(choice) for choice in node["anyOf"])
        case "object" if "properties" in node:
            return f"a mapping with keys from: {', '.join(node['properties'])}"
        case "object":
            return f"a mapping from {'one or more ' * ('minProperties' in node)}names to what they stand for"
        case "array":
            count = str(node["maxItems"]) if "maxItems" in node else "one or more"
            return f"a list of {count} different values, each {allowed(node['items'])}{unit}"
        case kind:
            words = values(node)
            return words + unit if kind == "string" and words else f"{_NOUN[kind]} {words}".rstrip() + unit


def values(node: Node) -> str:
    """Return which values of its kind a key may hold, such as ``from 0 to 100``; empty for all."""
    if "items" in node or "anyOf" in node:
        return values(node["items"] if "items" in node else node["anyOf"][0])
    if "family" in node:
        return " or ".join(_family(folder.replace(".", "/")) for folder in _folders(node))
    if "enum" in node:
        return f"one of: {', '.join(node['enum'])}"
    if "exclusiveMinimum" in node:
        return f"above {node['exclusiveMinimum']} and at most {node['maximum']}"
    if "exclusiveMaximum" in node:
        return f"at least {node['minimum']} and below {node['exclusiveMaximum']}"
    if "minimum" in node:
        return f"from {node['minimum']} to {node['maximum']}"
    return node.get("form", "")


def family_names(node: Node) -> list[str]:
    """Return the names that a node with the keyword ``family`` allows today."""
    return sorted(name for folder in _folders(node) for name in families.names(f"whylstm.{folder}"))


def _folders(node: Node) -> list[str]:
    return [node["family"]] if isinstance(node["family"], str) else list(node["family"])


def _family(folder: str) -> str:
    return f"the name of one of the {Path(folder).name} (files of src/whylstm/{folder})"


def keys(node: Node | None = None, path: str = "") -> Iterator[Key]:
    """Yield every key below a node (the whole config), in the schema's order; the user's names read ``<name>``."""
    node = schema() if node is None else node
    inner = dict(node.get("properties", {}))
    if isinstance(node.get("additionalProperties"), dict):
        inner["<name>"] = node["additionalProperties"]
    for name, child in inner.items():
        here = f"{path}.{name}" if path else name
        if "description" in child:
            yield _key(here, child, required=name in node.get("required", ()))
        yield from keys(child, here)


def _key(path: str, node: Node, *, required: bool) -> Key:
    return Key(path, node["description"], _kind(node), values(node), node.get("unit", ""), _default(node, required))


def _kind(node: Node) -> str:
    if node["type"] == "array":
        choices = node["items"].get("anyOf", [node["items"]])
        return "list of " + " or pairs of ".join(_PLURAL[choice.get("items", choice)["type"]] for choice in choices)
    return {**_NOUN, "object": "mapping"}[node["type"]].removeprefix("a ")


def _default(node: Node, required: bool) -> str:
    if "inherits" in node:
        return f"the value of {node['inherits']}"
    if "default" in node:
        return str(node["default"]).replace("'", "").replace("True", "true")
    return "none: it must be given" if required else "left out"


def completed(config: Node, node: Node | None = None) -> Node:
    """Return a valid config with its defaults filled in and its numbers in their types (``1`` for a number: ``1.0``).

    Keys that inherit take the value of the key that they name.
    """
    node = schema() if node is None else node
    full: Node = _complete(config, node)
    _inherit(full, node, full)
    return full


def _complete(value: Any, node: Node) -> Any:
    if isinstance(value, list):
        return [_complete(item, _item(node, item)) for item in value]
    if isinstance(value, dict):
        missing = {
            name: child["default"] for name, child in _properties(node) if "default" in child and name not in value
        }
        return {name: _complete(inner, _child(node, name)) for name, inner in {**value, **missing}.items()}
    if node["type"] == "number":
        return float(value) + 0.0  # + 0.0 turns -0.0 into 0.0, which is the same setting
    return copy.copy(value)


def _inherit(value: Any, node: Node, whole: Node, path: tuple[str, ...] = ()) -> None:
    """Fill in what is taken from further up, in place: from the top down, so that it is there when it is asked for."""
    if not isinstance(value, dict):
        return
    for name, child in _properties(node):
        if "inherits" in child and name not in value:
            value |= _taken(name, child["inherits"], whole, path)
    for name, inner in value.items():
        _inherit(inner, _child(node, name), whole, (*path, name))


def _taken(name: str, source: str, whole: Node, path: tuple[str, ...]) -> Node:
    """Return {name: the value at ``source``}, where ``<name>`` is what stands there in ``path``; empty if none does."""
    here: Any = whole
    for place, step in enumerate(source.split(".")):
        step = path[place] if step == "<name>" else step
        if step not in here:
            return {}
        here = here[step]
    return {name: copy.deepcopy(here)}


def _item(node: Node, item: Any) -> Node:
    """Return what one value of a list may be: the choice of its kind, where there are several."""
    choices: list[Node] = node["items"].get("anyOf", [node["items"]])
    return next((choice for choice in choices if ("items" in choice) == isinstance(item, list)), choices[0])


def _properties(node: Node) -> list[tuple[str, Node]]:
    return list(node.get("properties", {}).items())


def _child(node: Node, name: str) -> Node:
    inner = node.get("properties", {})
    return inner[name] if name in inner else node["additionalProperties"]
