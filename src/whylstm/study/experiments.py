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

RANGES: dict[str, dict[str, float]] = {
    "gain": {"minimum": 0, "maximum": 10_000},
    "input_scale": {"minimum": 0, "maximum": 10_000},
    "forget_bias": {"minimum": -1000, "maximum": 1000},
    "hidden": {"minimum": 1, "maximum": 4096},
    "burn_in": {"minimum": 0, "maximum": LARGEST},
}
"""Which values a setting may hold, where the key of that name in a grid allows fewer than its kind."""

COUNTS = ("minItems", "maxItems")

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
        "properties": {
            key: _setting_node(key, value, meanings[key], facts.get("limits", {}).get(key, {}))
            for key, value in settings.items()
        },
        "default": {},
    }


def fits() -> dict[str, tuple[tuple[str, str, int], ...]]:
    """Return which settings of each experiment must fit into which others, and how much more room there must be."""
    declared = sources.parts("whylstm.laboratory", "EXPERIMENT")
    return {name: facts["fits"] for name, facts in declared.items() if "fits" in facts}


def _setting_node(key: str, default: Any, meaning: str, limits: Node) -> Node:
    """Return what a setting may hold: values like its default, within the limits that the experiment declares."""
    about = {"description": f"{meaning[:1].upper()}{meaning[1:].rstrip('.')}.", "default": default}
    about |= {"unit": UNITS[key]} if key in UNITS else {}
    counts, own = (
        {name: fact for name, fact in limits.items() if (name in COUNTS) == among} for among in (True, False)
    )
    if isinstance(default, list):
        items = _value_node(key, default[0]) | own
        return {**about, "type": "array", "minItems": 1, "uniqueItems": True, "items": items} | counts
    return {**about, **_value_node(key, default)} | own


def _value_node(key: str, example: Any) -> Node:
    if isinstance(example, str):
        return {"type": "string", "family": f"{key}s"}
    if isinstance(example, int):
        return {"type": "integer", "minimum": 1, "maximum": LARGEST} | RANGES.get(key, {})
    return {"type": "number", "minimum": -LARGEST, "maximum": LARGEST} | RANGES.get(key, {})


def _meanings(path: Path) -> dict[str, str]:
    """Return what each argument means, from the ``Args`` of the docstring of the function named like the file."""
    functions = {node.name: node for node in ast.parse(path.read_bytes()).body if isinstance(node, ast.FunctionDef)}
    text = ast.get_docstring(functions[path.stem]) or ""
    _, _, arguments = text.partition("Args:\n")
    entries = re.findall(r"^ {4}(\w+): (.+(?:\n {8}.+)*)", arguments, re.MULTILINE)
    return {name: " ".join(words.split()) for name, words in entries}
