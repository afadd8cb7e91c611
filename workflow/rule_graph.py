"""Print docs/rules.md: which rule feeds which, and the sentence of each, as Snakemake itself tells them.

python workflow/rule_graph.py > docs/rules.md
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TARGETS = ("all", "simulate", "train", "tables", "figures", "notebooks", "data")
"""Rules that make nothing, and only name what others make."""
PAGE = """\
# Rules

This page is written by `make docs`. An arrow leads from what makes a file to what reads it; where a longer way leads to
the same place, the short one is left out. The rules stand in `workflow/rules/`, their code in `workflow/scripts/`.

```mermaid
flowchart TB
{arrows}
```

| rule | |
| --- | --- |
{rows}

Targets that only name what others make: {targets}. `snakemake --list-rules` prints them all.
"""

Edge = tuple[str, str]


def told(*words: str) -> str:
    """Return what Snakemake prints when asked for this, of the small study as if nothing had been made."""
    command = [sys.executable, "-m", "snakemake", "--config", "tier=smoke", *words]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr.strip() or done.stdout.strip())
    return done.stdout


def edges(graph: str) -> set[Edge]:
    """Return the pairs (maker, reader) of a rule graph in mermaid's language, those to mere targets left out."""
    names = dict(re.findall(r"^\s*(id\d+)\[(\w+)\]", graph, re.MULTILINE))
    pairs = {(names[a], names[b]) for a, b in re.findall(r"(id\d+) --> (id\d+)", graph)}
    return {(a, b) for a, b in pairs if a != b and b not in TARGETS}


def reduced(pairs: set[Edge]) -> list[Edge]:
    """Return the pairs that no longer way replaces, in order."""

    def reaches(start: str, end: str) -> bool:
        nexts = {b for a, b in pairs if a == start}
        return end in nexts or any(reaches(one, end) for one in nexts)

    return sorted((a, b) for a, b in pairs if not any(reaches(c, b) for x, c in pairs if x == a and c != b))


def page(graph: str, rules: str) -> str:
    """Return the page from Snakemake's graph of rules and its list of them."""
    sentences = dict(re.findall(r"^(\w+) \((.+)\)$", rules, re.MULTILINE))
    return PAGE.format(
        arrows="\n".join(f"    {a} --> {b}" for a, b in reduced(edges(graph))),
        rows="\n".join(f"| `{name}` | {text} |" for name, text in sentences.items() if name not in TARGETS),
        targets=", ".join(f"`{name}`" for name in TARGETS),
    )


if __name__ == "__main__":
    sys.stdout.write(page(told("--forceall", "--rulegraph", "mermaid-js"), told("--list-rules")))
