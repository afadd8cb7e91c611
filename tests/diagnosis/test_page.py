"""The page: needs no network, shows what was found, says it to those who cannot see, and runs nothing it was given."""

from __future__ import annotations

import base64
import html
import re
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest

import whylstm
from tests.diagnosis.users import inputs, module
from whylstm.diagnosis.findings import findings

HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>&amp;{{ 7*7 }}"


class Elements(HTMLParser):
    """All elements of a page with their attributes, and its visible text."""

    def __init__(self, page):
        super().__init__()
        self.found, self.text = [], ""
        self.open = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))
        if tag not in ("meta", "img", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if "style" not in self.open:
            self.text += data


@pytest.fixture(scope="module", params=["lstm", "tanh"])
def diagnosis(request):
    return whylstm.diagnose(module(request.param, 2), inputs(1, 40), name=HOSTILE, exact=True, verbose=False)


@pytest.fixture(scope="module")
def page(diagnosis):
    return diagnosis.page()


def test_it_asks_for_nothing_from_elsewhere(page):
    elements = Elements(page)
    assert not elements.open
    for tag, attributes in elements.found:
        assert tag not in ("script", "link", "iframe", "object", "form", "base")
        assert attributes.get("src", "data:").startswith("data:image/svg+xml;base64,") or "src" not in attributes
        assert attributes.get("href", "#").startswith("#")
        assert not any(name.startswith("on") for name in attributes)
    style = re.search(r"<style>(.*?)</style>", page, re.DOTALL)[1]
    assert "url(" not in style
    assert "@import" not in style
    policy = next(a["content"] for tag, a in elements.found if a.get("http-equiv") == "Content-Security-Policy")
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'; img-src data:;")


def test_hostile_names_are_shown_and_not_obeyed(page):
    elements = Elements(page)
    assert not any(tag == "script" or attributes.get("src") == "x" for tag, attributes in elements.found)
    assert HOSTILE in elements.text
    assert "49" not in re.search(r"<h1>(.*?)</h1>", page, re.DOTALL)[1]


def test_hostile_keys_of_weights_are_shown_and_not_obeyed():
    tensors = {f"{HOSTILE}.{name}": value for name, value in module("gru").state_dict().items()}
    found = whylstm.diagnose(tensors, inputs(1, 4), verbose=False)
    elements = Elements(found.page())
    assert not any(tag == "script" for tag, _ in elements.found)
    assert f"under the prefix {HOSTILE + '.'!r}" in elements.text


def test_every_picture_is_whole_and_described(page):
    pictures = [attributes for tag, attributes in Elements(page).found if tag == "img"]
    assert len(pictures) >= 4
    for picture in pictures:
        ElementTree.fromstring(base64.b64decode(picture["src"].partition(",")[2]))
        assert len(picture["alt"]) > 40
        assert picture["alt"].count("nan") == 0


def test_every_finding_has_its_section_in_order_and_its_words(page, diagnosis):
    told = [finding for finding in findings() if finding.words(diagnosis.summary)]
    headings = re.findall(r"<h2 id=\"[a-z]+-heading\">(.*?)</h2>", page)
    assert headings[: len(told)] == [finding.heading.replace("'", "&#39;") for finding in told]
    text = " ".join(Elements(page).text.split())
    for finding in told:
        for line in finding.words(diagnosis.summary).splitlines():
            assert " ".join(line.split()) in text


def test_it_is_a_page_for_everyone(page):
    elements = Elements(page)
    assert ("html", {"lang": "en-GB"}) in elements.found
    assert any(attributes.get("name") == "viewport" for _, attributes in elements.found)
    assert "prefers-color-scheme: dark" in page
    assert "@media (max-width" in page
    ids = [attributes["id"] for _, attributes in elements.found if "id" in attributes]
    assert len(ids) == len(set(ids))
    for tag, attributes in elements.found:
        if "aria-labelledby" in attributes:
            assert attributes["aria-labelledby"] in ids
        if tag == "a":
            assert attributes["href"].removeprefix("#") in ids


def test_the_recommended_change_is_marked(page, diagnosis):
    best = diagnosis.summary["recommended"]
    assert best is not None
    marked = re.findall(r'<tr class="best"><td>(.*?)</td>', page)
    assert marked == [best]


def test_findings_are_in_an_order_without_ties():
    places = [finding.place for finding in findings()]
    assert places == sorted(set(places))


def test_a_notebook_shows_the_page_and_figures_come_one_by_one(diagnosis, page):
    shown = diagnosis._repr_html_()
    assert html.unescape(re.search(r'srcdoc="([^"]*)"', shown).group(1)) == page
    assert len(diagnosis.plot()) == page.count("<figure>")
