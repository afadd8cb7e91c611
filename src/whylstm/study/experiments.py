"""What the config may say about the laboratory, read from the experiments' own files.

An experiment declares its settings with their defaults, and its docstring says what each means. Both are read from the
syntax tree, so that a config can be checked without importing what the experiments compute with.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

from whylstm import sources

FOLDER = Path(sources.__file__).parent / "laboratory"
LARGEST = 1_000_000
UNITS = {
    **dict.fromkeys(("hidden", "units"), "units"),
    **dict.fromkeys(("length", "lag", "lags", "burn_in", "steps", "memory", "t_max"), "steps"),
    **dict.fromkeys(("gain", "forget_bias", "input_scale", "weight", "bias", "width"), "1"),
    "replicates": "networks",
    "points": "points",
    "runs": "sequences",
    "count": "exponents",
}
"""What a setting of an experiment counts or measures, by its name, which means the same in every experiment."""

Node = dict[str, Any]


def laboratory_node() -> Node:
    """Return the schema node of the config key ``laboratory``: one key per experiment, one below it per setting."""
    declared = sources.parts("whylstm.laboratory", "EXPERIMENT")
    return {
        "description": "Settings of the experiments outside the grid; what is left out has the experiment's default.",
        "type": "object",
        "additionalProperties": False,
        "properties": {name: _experiment_node(name, facts) for name, facts in declared.items()},
        "default": {},
    }


def _experiment_node(name: str, facts: Node) -> Node:
    meanings = _meanings(FOLDER / f"{name}.py")
    settings = facts.get("settings", {})
    return {
        "description": facts["sentence"],
        "type": "object",
        "additionalProperties": False,
        "properties": {key: _setting_node(key, value, meanings[key]) for key, value in settings.items()},
        "default": {},
    }


def _setting_node(key: str, default: Any, meaning: str) -> Node:
    """Return what a setting may hold: values like its default."""
    about = {"description": f"{meaning[:1].upper()}{meaning[1:].rstrip('.')}.", "default": default}
    about |= {"unit": UNITS[key]} if key in UNITS else {}
    if isinstance(default, list):
        return {**about, "type": "array", "minItems": 1, "uniqueItems": True, "items": _value_node(key, default[0])}
    return {**about, **_value_node(key, default)}


def _value_node(key: str, example: Any) -> Node:
    if isinstance(example, str):
        return {"type": "string", "family": f"{key}s"}
    if isinstance(example, int):
        return {"type": "integer", "minimum": 0 if key == "burn_in" else 1, "maximum": LARGEST}
    return {"type": "number", "minimum": -LARGEST, "maximum": LARGEST}


def _meanings(path: Path) -> dict[str, str]:
    """Return what each argument means, from the ``Args`` of the docstring of the function named like the file."""
    functions = {node.name: node for node in ast.parse(path.read_bytes()).body if isinstance(node, ast.FunctionDef)}
    text = ast.get_docstring(functions[path.stem]) or ""
    _, _, arguments = text.partition("Args:\n")
    entries = re.findall(r"^ {4}(\w+): (.+(?:\n {8}.+)*)", arguments, re.MULTILINE)
    return {name: " ".join(words.split()) for name, words in entries}
