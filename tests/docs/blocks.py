"""Code blocks of a page in docs/, by the comment that stands before them."""

from __future__ import annotations

import re

from whylstm.study.schema import ROOT

DOCS = ROOT / "docs"


def block(page: str, name: str) -> str:
    """Return the text of the one fenced block after ``<!-- name -->``."""
    text = (DOCS / page).read_text(encoding="utf-8")
    found = re.findall(rf"<!-- {name} -->\n```\w+\n(.*?)```", text, re.DOTALL)
    assert len(found) == 1, (page, name, len(found))
    return found[0]
