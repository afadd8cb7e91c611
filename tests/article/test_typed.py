"""No number of the article or of a notebook is typed."""

from pathlib import Path

import jupytext
import pytest

from whylstm.article.typed import typed_numbers

NOTEBOOKS = sorted(Path("notebooks").glob("*.py"))


def test_the_article_has_no_typed_number():
    assert typed_numbers(Path("workflow/report/article.md.j2").read_text("utf-8")) == []


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebooks_text_has_no_typed_number(path):
    cells = jupytext.read(path).cells
    told = "\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    assert told
    assert typed_numbers(told) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("It is 0.93 of it.", ["line 1: 0.93"]),
        ("a\nb 12,345 c", ["line 2: 12,345"]),
        ("<< v('x') >> and 7", ["line 1: 7"]),
        ("<< v('x.y2') >> and << exact('7') >>", []),
        ("# 2. A section\n\nwith 3", ["line 3: 3"]),
        ("# A section of 2 parts", ["line 1: 2"]),
        ("$10^{-3}$ but 10", ["line 1: 10"]),
        ("$$\n1\n$$\n2", ["line 4: 2"]),
        ("C12 in 2018, equation (10), [text](#a1) @lee2019", []),
        ("(2018) and (200)", ["line 1: 200"]),
        ("C123 is no claim", ["line 1: 123"]),
    ],
)
def test_what_counts_as_typed(text, found):
    assert typed_numbers(text) == found
