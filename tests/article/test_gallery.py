"""The gallery shows every figure with its files, its table, its code and its command, and needs no network."""

import pytest

from tests.article import fabricated
from tests.article.conftest import REPORT
from tests.article.pages import Page, problems
from whylstm.article import gallery
from whylstm.article.results import read
from whylstm.errors import StudyError
from whylstm.records import read_json, write_json


def test_the_gallery_is_sound_and_reaches_for_nothing(every_figure):
    assert problems(every_figure) == []


def test_every_figure_is_there_in_the_order_of_its_number(every_figure, results):
    page = Page.of(every_figure)
    cards, images, titles = page.all("article"), page.all("img"), page.all("h2")
    figures = list(read(results).figures.values())
    assert [figure.number for figure in figures] == sorted(fabricated.FIGURES)
    for figure, card, image, title in zip(figures, cards, images, titles, strict=True):
        assert title.text == f"Figure {figure.number}. {figure.title}"
        assert image.attributes["alt"] == f"{figure.title}. {figure.alt}"
        assert figure.caption in card.text
        assert figure.command in card.text
        for file in (*(f"figures/{figure.name}.{kind}" for kind in ("svg", "pdf", "png")), "tables/points.parquet"):
            assert f'href="{file}"' in every_figure


def test_the_gallery_leads_to_figures_that_the_article_has(every_figure, page):
    links = [e.attributes["href"] for e in Page.of(every_figure).all("a") if "article.html#" in e.attributes["href"]]
    assert len(links) == len(fabricated.FIGURES)
    assert {link.partition("#")[2] for link in links} <= set(Page.of(page).ids)


def test_a_study_without_figures_has_no_gallery(tmp_path):
    with pytest.raises(StudyError, match="there is no figure in"):
        gallery.write(tmp_path, tmp_path / "gallery.html", REPORT)


def test_a_figure_without_tables_names_the_claims_as_its_data(tmp_path):
    results = fabricated.write(tmp_path / "results", figures=(22,))
    record = read_json(results / "figures" / "fig22_made_up.json")
    write_json(results / "figures" / "fig22_made_up.json", {**record, "tables": []})
    gallery.write(results, results / "gallery.html", REPORT)
    assert 'href="claims.json"' in (results / "gallery.html").read_text("utf-8")
