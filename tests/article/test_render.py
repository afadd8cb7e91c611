"""The page needs no network, shows every figure, claim and number, and is the same on every run."""

import io
import re
import subprocess
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont

from tests.article import fabricated
from tests.article.conftest import REPORT
from tests.article.pages import Page, problems
from whylstm.article import render
from whylstm.article.fonts import characters, subset
from whylstm.article.results import Results, read
from whylstm.article.story import tell
from whylstm.errors import StudyError
from whylstm.records import read_json, write_json

AS_SHOWN = str.maketrans("'²³", "’23")
"""What a page makes of a straight quote and of superscript digits (the digits, raised)."""


def test_the_page_is_sound_and_reaches_for_nothing(page):
    assert problems(page) == []


def test_only_references_lead_out_of_the_page(page):
    outside = [e for e in Page.of(page).all("a") if re.match(r"\w+:|//", e.attributes["href"])]
    assert outside, "the references have links"
    assert all(e.attributes["href"].startswith("https://") for e in outside)
    references = page[page.index('id="refs"') :]
    assert all(e.attributes["href"] in references for e in outside)


def test_the_policy_of_the_page_forbids_every_request(page):
    policy = next(e for e in Page.of(page).all("meta") if e.attributes.get("http-equiv") == "Content-Security-Policy")
    rules = dict(rule.split(maxsplit=1) for rule in policy.attributes["content"].split("; "))
    assert rules["default-src"] == "'none'"
    assert {rules["img-src"], rules["font-src"]} == {"data:"}
    assert "script-src" not in rules


def test_the_page_has_language_skip_link_title_and_description(page):
    found = Page.of(page)
    assert found.all("html")[0].attributes["lang"] == "en-GB"
    assert found.all("a")[0].attributes["href"] == "#main"
    assert found.all("title")[0].text == found.all("h1")[0].text
    assert "description" in {e.attributes.get("name") for e in found.all("meta")}


def test_every_figure_is_shown_once_with_its_words_and_its_origin(page, results):
    found = Page.of(page)
    images, blocks = found.all("img"), found.having("figure-block")
    assert len(images) == len(fabricated.FIGURES) == len(blocks)
    for figure, image, block in zip(read(results).figures.values(), images, blocks, strict=True):
        assert image.attributes["alt"] == f"{figure.title}. {figure.alt}"
        assert image.attributes["src"].startswith("data:image/svg+xml;base64,")
        for said in (figure.caption.replace("10⁻³", "10−3"), f"Figure {figure.number}.", figure.command, figure.code):
            assert said in block.text
        for table in figure.tables:
            assert f'href="tables/{table}.parquet"' in page


def test_the_link_to_code_leads_from_the_page_into_the_repository():
    assert render.to_root("workflow/report", "results/smoke/article.html") == "../../"


@pytest.mark.parametrize(
    ("folder", "command"),
    [
        ("results", "snakemake --cores all results/claims.json"),
        ("/a/results/b/results/smoke", "snakemake --cores all results/smoke/claims.json --config tier=smoke"),
        ("/elsewhere", "snakemake --cores all results/claims.json"),
    ],
)
def test_the_command_names_the_folder_and_the_tier(folder, command):
    assert Results(Path(folder), {}, {}, {}).command("claims.json") == command


def test_every_claim_stands_with_its_verdict_as_a_word(page, results):
    found = Page.of(page)
    boxes, cards = found.having("claim"), found.having("claim-card")
    claims = read_json(results / "claims.json")
    assert len(boxes) == len(cards) == len(claims)
    for claim, box, card in zip(claims, boxes, cards, strict=True):
        assert f"Claim {claim['id']}." in box.text
        for said in (claim["paraphrase"], claim["verdict"], claim["sentence"]):
            assert said in box.text
            assert said in card.text
        for said in (claim["statistic"], claim["rule"], claim["place"], claim["conditions"], claim["code"]):
            assert said in card.text
        for number in claim["numbers"].values():
            assert f"{number['text']}" in card.text
            assert number["meaning"] in card.text
        assert ("Figure 2" in card.text) == (claim["figure"] == "fig02_made_up")
        assert "snakemake --cores all results/claims.json" in card.text


def test_every_number_leads_to_its_line_and_says_what_it_is(page, results):
    found = Page.of(page)
    values = read_json(results / "values.json")
    by_anchor = {f"number-{key.replace('.', '-').replace('_', '-')}": value for key, value in values.items()}
    shown = found.having("value")
    assert len(shown) > 30
    lines = {e.attributes.get("id"): e.text for e in found.elements}
    for element in shown:
        anchor = element.attributes["href"].removeprefix("#")
        assert element.attributes["aria-describedby"] == anchor
        assert by_anchor[anchor]["meaning"] in element.attributes["title"]
        assert by_anchor[anchor]["meaning"].translate(AS_SHOWN) in lines[anchor]
        assert f"table {by_anchor[anchor]['table']}" in element.attributes["title"]
        assert element.text in lines[anchor]


def test_numbers_from_the_literature_say_how_we_know_them(page):
    found = Page.of(page).having("literature")
    assert {e.text.endswith("†") for e in found} == {True, False}
    for element in found:
        assert ("quoted only" in element.attributes["title"]) == element.text.endswith("†")


def test_maths_is_mathml_and_its_font_holds_every_character(page):
    assert page.count("<math") > 50
    assert "$" not in re.sub(r"<annotation.*?</annotation>", "", page, flags=re.DOTALL)
    assert "<msqrt>" in page
    assert {chr(0x1D703), "√"} <= characters(page), "the italic theta that a browser makes of θ, and the root it draws"
    font = TTFont(io.BytesIO(subset(REPORT, characters(page))))
    assert {ord(letter) for letter in characters(page)} <= set(font.getBestCmap())
    assert "MATH" in font


@pytest.mark.parametrize("verdict", fabricated.VERDICTS)
def test_the_text_holds_together_with_any_verdict(tmp_path, verdict):
    results = read(fabricated.write(tmp_path / "results", verdict))
    text = tell(REPORT, results, "html")
    others = set(fabricated.VERDICTS) - {verdict}
    assert text.count(verdict) >= 33  # box, card and overview of eleven claims
    for other in others:
        assert f"{{.badge .{other.replace(' ', '-')}}}" not in text


def test_sentences_change_with_the_verdict(tmp_path):
    told = [tell(REPORT, read(fabricated.write(tmp_path / v, v)), "html") for v in ("holds", "refuted")]
    both = [set(re.findall(r"[A-Z][^.]*\.", " ".join(text.split()))) for text in told]
    assert "Neither equals the other, and no choice of weights makes them equal in general." in both[1] - both[0]
    assert any("deserves suspicion" in sentence for sentence in both[1] - both[0])


def test_a_section_without_its_figure_is_left_out(tmp_path):
    results = fabricated.write(tmp_path / "results", figures=(2,))
    render.html(REPORT, results, results / "article.html")
    page = (results / "article.html").read_text("utf-8")
    assert problems(page) == []
    assert len(Page.of(page).all("img")) == 1


def test_the_whole_set_of_figures_has_its_place_in_the_text(tmp_path):
    results = fabricated.write(tmp_path / "results", figures=tuple(range(1, 25)))
    render.html(REPORT, results, results / "article.html")
    page = (results / "article.html").read_text("utf-8")
    assert problems(page) == []
    assert len(Page.of(page).all("img")) == 24
    assert "Further figures" not in page
    assert "What stays open" not in page


def test_a_study_that_trained_nothing_says_what_stays_open(tmp_path):
    results = fabricated.write(tmp_path / "results", figures=(2, 6))
    write_json(results / "claims.json", fabricated.claims()[:11])
    values = read_json(results / "values.json")
    kept = {key: value for key, value in values.items() if not key.startswith(("training.", "learned."))}
    assert len(kept) < len(values) - 30
    write_json(results / "values.json", kept)
    text = tell(REPORT, read(results), "html")
    assert "# What stays open" in text
    assert "Does the LSTM do better" not in text
    assert "At initialisation." in text


def test_a_study_that_trained_only_little_is_told_all_the_same(tmp_path):
    """Networks were trained, but none of the questions about them has an answer."""
    results = fabricated.write(tmp_path / "results")
    values = read_json(results / "values.json")
    sized = ("networks", "tasks", "hidden", "lengths", "budgets", "seeds", "solved", "censored", "diverged")
    known = {f"training.{name}" for name in sized}
    write_json(
        results / "values.json",
        {k: v for k, v in values.items() if k in known or not k.startswith(("training.", "learned."))},
    )
    text = tell(REPORT, read(results), "html")
    assert "Does learning open the carry path?" in text


def test_a_figure_that_the_text_does_not_know_is_shown_at_the_end(tmp_path):
    results = fabricated.write(tmp_path / "results", figures=(*fabricated.FIGURES, 22, 99))
    text = tell(REPORT, read(results), "html")
    places = [
        text.index(x)
        for x in ("{#claims}", "figure:fig22_made_up", "# Further figures", "figure:fig99_made_up", "{#numbers}")
    ]
    assert places == sorted(places)


def test_the_same_results_give_the_same_bytes(results, page, paper, tmp_path):
    render.html(REPORT, results, results / "again.html")
    render.pdf(REPORT, results, tmp_path / "again.pdf")
    assert (results / "again.html").read_bytes() == page.encode()
    assert (tmp_path / "again.pdf").read_bytes() == paper.read_bytes()


def test_the_paper_holds_the_text_the_numbers_and_the_fonts(paper):
    content = paper.read_bytes()
    assert content.startswith(b"%PDF")
    for font in (b"STIXTwoMath", b"LibertinusSerif"):
        assert font in content, "a font that the machine happens to have would change the bytes"
    assert b"20180915" in content, "the date is fixed"


def break_values(folder: Path):
    values = read_json(folder / "values.json")
    write_json(folder / "values.json", {key: value for key, value in values.items() if key != "study.points"})


def break_claim(folder: Path):
    write_json(folder / "claims.json", [claim for claim in read_json(folder / "claims.json") if claim["id"] != "C5"])


def break_verdict(folder: Path):
    claims = read_json(folder / "claims.json")
    write_json(folder / "claims.json", [{**claim, "verdict": "maybe"} for claim in claims])


def break_figure(folder: Path):
    (folder / "figures" / "fig03_made_up.svg").unlink()


def break_record(folder: Path):
    record = read_json(folder / "figures" / "fig03_made_up.json")
    write_json(folder / "figures" / "fig03_made_up.json", {k: v for k, v in record.items() if k != "alt"})


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (break_values, "the article asks for the value 'study.points', which the study has not; did you mean"),
        (break_claim, "the article asks for the claim 'C5', which the study has not"),
        (break_verdict, "claim 'C1' has the verdict 'maybe'; allowed: holds, holds under conditions"),
        (break_figure, "has no picture fig03_made_up.svg beside it"),
        (break_record, "fig03_made_up.json lacks alt"),
    ],
)
def test_what_is_missing_is_named(tmp_path, damage, said):
    results = fabricated.write(tmp_path / "results")
    damage(results)
    with pytest.raises(StudyError, match=re.escape(said)):
        render.html(REPORT, results, tmp_path / "article.html")
    assert not (tmp_path / "article.html").exists()


def source_with(folder: Path, text: str) -> Path:
    """Return a report folder whose article is this text."""
    for path in REPORT.iterdir():
        (folder / path.name).symlink_to(path.resolve())
    (folder / "article.md.j2").unlink()
    (folder / "article.md.j2").write_text(f"---\ntitle: T\nlang: en\n---\n\n{text}\n", "utf-8")
    return folder


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("<< v('no.such') >>", "the value 'no.such'"),
        ("<< lit('no.such') >>", "the number of the literature 'no.such'"),
        ("<< figure(99) >>", "the figure '99'"),
        ("<< figure(2) >> << figure(2) >>", "shows figure 2 twice"),
        ("<< nonsense >>", "'nonsense' is undefined"),
        ("<% if %>", "cannot be filled in"),
        ("[@nobody2000]", "nobody2000"),
    ],
)
def test_a_source_that_asks_for_nothing_real_is_refused(tmp_path, results, text, said):
    with pytest.raises(StudyError, match=re.escape(said)):
        render.html(source_with(tmp_path, text), results, tmp_path / "out.html")


def test_the_browser_sets_the_page_without_an_error(page, results, tmp_path):
    browser = next((p for p in map(Path, ("/usr/bin/chromium", "/usr/bin/chromium-browser")) if p.exists()), None)
    if browser is None:
        pytest.skip("no chromium on this machine; the page's soundness is tested above without one")
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
    dump = subprocess.run(
        [browser, *flags, f"--user-data-dir={tmp_path}", "--dump-dom", (results / "article.html").as_uri()],
        capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    assert dump.stdout.count("<math") == page.count("<math")
    assert "Refused to" not in dump.stderr
