"""Plain text into Markdown that shows exactly that text, and the few pieces that HTML and Typst want differently.

Whatever comes from a table, a claim or a figure passes through :func:`escape` (running text), :func:`attribute`
(a quoted attribute) or :func:`code`, so that no character of it is ever read as markup.
"""

from __future__ import annotations

import re

MATHS = re.compile(r"(\$[^$\n]+\$)")
SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~^@$!&])")
SUBSCRIPT = re.compile(r"(?<![A-Za-z0-9_~\\])([A-Za-zα-ωΑ-Ω])\\_(\\\{[^ {}]*\\\}|[A-Za-z0-9]+)(?![A-Za-z0-9_\\])")
RAISED = re.compile(r"[⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺·]*[⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺]")
LOWERED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺·", "0123456789−+.")


def escape(text: str) -> str:
    r"""Return text as Markdown that shows it literally; ``$...$`` stays maths, superscript digits become real ones.

    >>> escape("a_b [x] $\\sigma_w$ 10⁻³")
    'a\\_b \\[x\\] $\\sigma_w$ 10^−3^'
    """
    pieces = MATHS.split(" ".join(text.split()))
    return "".join(piece if MATHS.fullmatch(piece) else _literal(piece) for piece in pieces)


def prose(text: str) -> str:
    r"""Return a sentence about maths as Markdown: as :func:`escape`, and h_t, σ_max or f_{t−1} with a real subscript.

    >>> prose("∂h_t/∂h_{t-1} of lag_profile, σ_max(U)")
    '∂h~t~/∂h~t-1~ of lag\\_profile, σ~max~(U)'
    """
    return SUBSCRIPT.sub(_subscript, escape(text))


def attribute(text: str) -> str:
    r"""Return text as a quoted attribute value.

    >>> attribute('say "x" & y')
    '"say \\"x\\" &amp; y"'
    """
    flat = " ".join(text.split()).replace("\\", "\\\\").replace("&", "&amp;").replace('"', '\\"')
    return f'"{flat}"'


def code(text: str) -> str:
    """Return text as a code span, fenced by more backticks than it holds.

    >>> code("a`b")
    '`` a`b ``'
    """
    if "`" not in text:
        return f"`{text}`"
    longest = max(len(run) for run in re.findall("`+", text))
    fence = "`" * (longest + 1)
    return f"{fence} {text} {fence}"


def typst(code: str) -> str:
    """Return raw inline Typst."""
    return f"`{code}`{{=typst}}"


def typst_block(code: str) -> str:
    """Return a raw block of Typst."""
    return f"\n```{{=typst}}\n{code}\n```\n"


def typst_string(text: str) -> str:
    r"""Return text as a Typst string literal.

    >>> typst_string('a "b"')
    '"a \\"b\\""'
    """
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def slug(key: str) -> str:
    """Return a key as an identifier for a page: letters, digits and dashes.

    >>> slug("tanh.slope_low")
    'tanh-slope-low'
    """
    return re.sub(r"[^a-zA-Z0-9]+", "-", key).strip("-")


def _subscript(found: re.Match[str]) -> str:
    """Return a letter with its subscript, from text that is escaped already."""
    below = found[2].removeprefix("\\{").removesuffix("\\}")
    return f"{found[1]}~{below}~"


def _literal(text: str) -> str:
    # "--" is an option of a command, not a dash; quotes may be turned into curly ones.
    escaped = SPECIAL.sub(r"\\\1", text).replace("--", "\\-\\-").replace("...", "\\.\\.\\.")
    return RAISED.sub(lambda run: f"^{run.group().translate(LOWERED)}^", escaped)
