"""Find numbers that were typed into a text instead of being asked for by key.

Digits may stand in maths, in years, in the names of claims (C7), in a section's or an equation's number, in keys of
references, in code, and in what the template fills in. Everything else must come from the results, or pass through
``exact("...")`` in the source, which says that a number is exact by definition and typed on purpose.
"""

from __future__ import annotations

import re

ALLOWED = (
    r"\A---\n.*?\n---\n",  # front matter
    r"<#.*?#>|<%.*?%>|<<.*?>>",  # what the template fills in
    r"\$\$.*?\$\$|\$[^$]+\$",  # maths
    r"```.*?```|`[^`]*`",  # code
    r"\]\([^)]*\)|\{[^{}]*\}",  # targets of links, attributes
    r"@[\w:-]+",  # keys of references
    r"(?m)^#+ \d+\. ",  # the number of a section
    r"\(\d{1,2}\)",  # the number of an equation
    r"\bC\d{1,2}\b",  # a claim
    r"\b(?:19|20)\d\d\b",  # a year
)


def typed_numbers(text: str) -> list[str]:
    r"""Return each typed number with its line, as ``"line 12: 0.93"``.

    >>> typed_numbers("In 2018, $k = 3$ and << v('a.b') >>, see (2) and C4.")
    []
    >>> typed_numbers("Fine.\nIt fell by 0.93.")
    ['line 2: 0.93']
    """
    for pattern in ALLOWED:
        text = re.sub(pattern, _blank, text, flags=re.DOTALL)
    return [
        f"line {number}: {found}"
        for number, line in enumerate(text.split("\n"), start=1)
        for found in re.findall(r"\d[\d.,]*\d|\d", line)
    ]


def _blank(found: re.Match[str]) -> str:
    """Return as many lines as were found, empty, so that line numbers stay true."""
    return "\n" * found[0].count("\n") + " "
