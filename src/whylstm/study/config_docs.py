"""docs/config.md, written from the schema, so that the two cannot disagree."""

from __future__ import annotations

from whylstm.study.schema import Key, keys

_HEAD = """# The config

Every key of `config.yaml`, of the tiers in `workflow/tiers/`, and of `snakemake --config`. This page is written from
`workflow/schemas/config.schema.yaml` by `python -m whylstm explain --all > docs/config.md`; edit the schema, not the
page. `python -m whylstm explain gain` says the same about one key, `python -m whylstm validate` checks a config.

A tier overrides the same keys: mappings are merged key by key, everything else (a list too) is replaced. What the
command line says goes over both. Unknown keys, keys given twice and values outside their range are errors.
"""


def page() -> str:
    """Return docs/config.md."""
    known = list(keys())
    rooms = dict.fromkeys(key.path.rpartition(".")[0] for key in known)
    sections = [_section(room, [key for key in known if key.path.rpartition(".")[0] == room]) for room in rooms]
    return "\n".join([_HEAD, *sections])


def _section(room: str, members: list[Key]) -> str:
    head = ["key", "meaning", "type", "allowed", "unit", "default"]
    rows = [head, ["---"] * len(head), *(_row(key) for key in members)]
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join([f"## {f'`{room}`' if room else 'Top level'}", "", *lines, ""])


def _row(key: Key) -> list[str]:
    name = key.path.rpartition(".")[2]
    facts = [f"`{name}`", key.sentence, key.type, key.range, key.unit, key.default]
    return [fact.replace("|", "\\|") for fact in facts]
