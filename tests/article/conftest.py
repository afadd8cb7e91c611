"""Fixtures: a made-up results folder, and the article, the PDF and the gallery made from it once per session."""

from pathlib import Path

import pytest

from tests.article import fabricated
from whylstm.article import gallery, render

REPORT = Path("workflow/report")


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
