"""Fixtures: a made-up results folder, and the article, the PDF and the gallery made from it once per session."""

from pathlib import Path

import pytest

from tests.article import explorer_study, fabricated
from tests.article.browser import Browser
from whylstm.article import explorer, gallery, render

REPORT = Path("workflow/report")
WIDE, PHONE = (1280, 900), (360, 740)


@pytest.fixture(scope="session")
def results(tmp_path_factory):
    return fabricated.write(tmp_path_factory.mktemp("study") / "results")


@pytest.fixture(scope="session")
def page(results):
    render.html(REPORT, results, results / "article.html")
    return (results / "article.html").read_text("utf-8")


@pytest.fixture(scope="session")
def paper(results):
    render.pdf(REPORT, results, results / "article.pdf")
    return results / "article.pdf"


@pytest.fixture(scope="session")
def every_figure(results):
    gallery.write(results, results / "gallery.html", REPORT)
    return (results / "gallery.html").read_text("utf-8")


@pytest.fixture(scope="session")
def explored(tmp_path_factory):
    """Return the explorer of a made-up study, as a file."""
    results = explorer_study.write(tmp_path_factory.mktemp("explored") / "results")
    explorer.write(results, results / "explorer.html", REPORT)
    return results / "explorer.html"


@pytest.fixture(scope="session")
def browser():
    """Return a browser for all tests of a session; skip where there is none."""
    with Browser() as opened:
        yield opened


@pytest.fixture
def tab(browser, explored):
    """Return the browser with the explorer open, as on a wide screen."""
    browser.size(*WIDE)
    browser.open(explored)
    return browser
