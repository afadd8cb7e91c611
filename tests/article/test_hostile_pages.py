"""Texts that would run, load or break out, in every field that a page shows: they stay texts."""

import pytest

from tests.article import fabricated
from tests.article.conftest import REPORT
from tests.article.pages import Page
from whylstm.article import gallery, render
from whylstm.records import read_json, write_json

HOSTILE = (
    "<script>alert(1)</script><img src=http://x.example/y onerror=alert(2)> \"'`><iframe src=//x.example>"
    " [x](javascript:alert(3)) ![y](http://x.example/z) <style>@import url(http://x.example)</style>"
    " {{ 7*7 }} << 7*7 >>"
)
FIGURE_TEXTS = ("title", "caption", "alt")
CLAIM_TEXTS = ("paraphrase", "statistic", "rule", "conditions", "title", "sentence")


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    """A made-up study whose texts are hostile."""
    results = fabricated.write(tmp_path_factory.mktemp("hostile") / "results")
    for path in sorted((results / "figures").glob("*.json")):
        write_json(path, read_json(path) | dict.fromkeys(FIGURE_TEXTS, HOSTILE))
    claims = [claim | dict.fromkeys(CLAIM_TEXTS, HOSTILE) for claim in read_json(results / "claims.json")]
    write_json(results / "claims.json", claims)
    return results


def harm(page):
    """Return what a browser would run or fetch."""
    found = Page.of(page)
    loaded = [e.tag for e in found.elements if not (e.attributes.get("src") or "data:").startswith("data:")]
    run = [e.tag for e in found.all("script", "iframe", "object", "embed", "link", "base", "form")]
    handlers = [name for e in found.elements for name in e.attributes if name.startswith("on")]
    links = [e.attributes["href"] for e in found.all("a") if "javascript:" in e.attributes.get("href", "")]
    styles = [e.text for e in found.all("style") if "x.example" in e.text]
    return loaded + run + handlers + links + styles


def test_the_gallery_shows_hostile_texts_as_texts(hostile):
    gallery.write(hostile, hostile / "gallery.html", REPORT)
    page = (hostile / "gallery.html").read_text("utf-8")
    assert harm(page) == []
    assert "<script>alert(1)</script>" in Page.of(page).all("h2")[0].text


def test_the_article_shows_hostile_texts_as_texts(hostile):
    render.html(REPORT, hostile, hostile / "article.html")
    page = (hostile / "article.html").read_text("utf-8")
    assert harm(page) == []
    assert "7*7" in page or "7<em>7" in page
    assert "49" not in Page.of(page).all("figcaption")[0].text


def test_a_comparison_shows_hostile_names_as_names(tmp_path):
    from whylstm.comparison.outcome import Compared, Outcome, Report
    from whylstm.comparison.page import page

    part = Compared("table", HOSTILE, Outcome.DIFFERS)
    said = page(Report(HOSTILE, HOSTILE, [part]))
    assert harm(said) == []
    assert HOSTILE in Page.of(said).all("code")[0].text
