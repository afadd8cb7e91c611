"""Whatever a table, a claim or a figure says is shown letter by letter, in the page and on paper."""

import html
import re

from hypothesis import given
from hypothesis import strategies as st

from whylstm.article import markup, pandoc

# Letters that Markdown, HTML or Typst read as markup, among plain ones. Maths ($) and superscripts have their own test.
HOSTILE = st.text(alphabet="ab1 *_`<>&[](){}#|~^@!\\-.:/'=+", min_size=1, max_size=40).filter(str.strip)


def visible(page: str) -> str:
    return html.unescape(re.sub(r"<[^>]*>", "", page)).replace("’", "'").replace("‘", "'").strip()


def plain(text: str) -> str:
    return " ".join(text.split())


@given(st.lists(HOSTILE, min_size=12, max_size=12))
def test_hostile_text_is_shown_as_it_is(texts):
    # A dozen texts a call, since each call starts pandoc.
    source = "\n\n".join(f"begin {markup.escape(text)} end" for text in texts)
    shown = visible(pandoc.convert(source, "html5", options=("--wrap=none",)))
    assert shown.split("\n") == [f"begin {plain(text)} end" for text in texts]


@given(st.lists(HOSTILE, min_size=12, max_size=12))
def test_hostile_attributes_come_through(texts):
    source = "\n\n".join(f"[x]{{title={markup.attribute(text)}}}" for text in texts)
    page = pandoc.convert(source, "html5", options=("--wrap=none",))
    titles = [html.unescape(title) for title in re.findall(r'title="([^"]*)"', page)]
    assert titles == [plain(text) for text in texts]


def test_maths_in_a_caption_stays_maths_and_superscripts_become_real():
    page = pandoc.convert(markup.escape("gain $\\sigma_w$ < 1, norm 10⁻¹²·⁵"), "html5", options=("--mathml",))
    assert "<math" in page
    assert "10<sup>−12.5</sup>" in page


def test_code_with_backticks_is_shown_as_it_is():
    assert visible(pandoc.convert(markup.code("a ``b`` c"), "html5")) == "a ``b`` c"
