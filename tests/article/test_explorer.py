"""The explorer's page: everything inside, nothing from outside, nothing that breaks out, the tables' own numbers."""

import base64
import hashlib
import json
import math
import re

import pandas as pd
import pytest

from tests.article import explorer_study
from tests.article.conftest import REPORT
from tests.article.pages import Page, headings
from whylstm.article import explorer, explorer_data
from whylstm.errors import StudyError
from whylstm.records import write_table

SOURCES = sorted((REPORT / "explorer" / "js").glob("*.js"))


@pytest.fixture(scope="module")
def text(explored):
    return explored.read_text("utf-8")


@pytest.fixture(scope="module")
def data(text):
    return json.loads(element(text, '<script type="application/json" id="study">'))


def element(text: str, start: str) -> str:
    return text.partition(start)[2].partition("</")[0]


def number(stored, unit: str) -> float:
    """Turn a stored number back, as study.js does."""
    if stored is None:
        return math.nan
    return float(stored) if isinstance(stored, str) else stored * explorer_data.UNITS[unit]


def listed(stored, length: int) -> list:
    return stored if isinstance(stored, list) else [stored] * length


# ---------------------------------------------------------------- the page


def test_equal_tables_give_equal_bytes(tmp_path, text):
    results = explorer_study.write(tmp_path)
    explorer.write(results, results / "explorer.html", REPORT)
    assert (results / "explorer.html").read_text("utf-8") == text


def test_nothing_runs_but_the_script_and_the_style_whose_hashes_the_policy_names(text):
    page = Page.of(text)
    policy = next(e for e in page.all("meta") if e.attributes.get("http-equiv") == "Content-Security-Policy")
    for kind, start in (("script", "<script>"), ("style", "<style>")):
        inside = text.partition(start)[2].partition(f"</{kind}>")[0]
        digest = base64.b64encode(hashlib.sha256(inside.encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}'" in policy.attributes["content"]
    assert policy.attributes["content"].startswith("default-src 'none'; ")
    assert "unsafe" not in policy.attributes["content"]


def test_nothing_is_loaded(text):
    page = Page.of(text)
    assert [
        e.tag for e in page.elements if "src" in e.attributes or e.tag in ("link", "iframe", "base", "object")
    ] == []
    assert [e.attributes["href"] for e in page.all("a") if "//" in e.attributes["href"]] == []
    assert re.findall(r"@import|url\(", text) == []


def test_no_element_carries_a_handler_or_a_style_that_the_policy_would_stop(text):
    attributes = {name for e in Page.of(text).elements for name in e.attributes}
    assert [name for name in attributes if name.startswith("on") or name == "style"] == []


def test_every_control_has_a_label_every_picture_a_role_and_no_identifier_stands_twice(text):
    page = Page.of(text)
    labels = {e.attributes["for"] for e in page.all("label")}
    controls = page.all("input", "select", "textarea")
    assert len(controls) == 15
    assert {e.attributes["id"] for e in controls} == labels
    pictures = [e for e in page.all("svg") if "id" in e.attributes]
    assert len(pictures) == 5
    assert {e.attributes["role"] for e in pictures} == {"img"}
    assert {e.attributes["aria-hidden"] for e in page.all("svg") if "id" not in e.attributes} == {"true"}
    assert len(page.ids) == len(set(page.ids))
    assert headings(page) == []


def test_a_hostile_name_stays_a_name(text, data):
    assert explorer_study.HOSTILE in data["cells"].values()
    assert text.count("<script") == 2
    assert "alert(" in text
    assert '<script>alert("x")' not in text
    assert "<!--" not in text


@pytest.mark.parametrize("word", ["</script>", "<!--", "</SCRIPT"])
def test_a_script_that_would_end_its_element_is_refused(word):
    with pytest.raises(StudyError, match="which would end the page's script"):
        explorer.script([f"const text = '{word}';"])


def test_every_script_of_the_folder_is_in_the_page_and_keeps_its_habits():
    assert sorted(explorer.SCRIPTS) == [path.stem for path in SOURCES]
    for path in SOURCES:
        source = path.read_text("utf-8")
        assert source.startswith("/* "), f"{path.name} opens without saying what it is"
        for habit in ("eval(", "new Function", "innerHTML", "outerHTML", "insertAdjacentHTML", "document.write"):
            assert habit not in source, f"{path.name} uses {habit}"
        assert max(map(len, source.splitlines())) <= 120
        assert len(source.splitlines()) <= 300


def test_what_the_page_says_of_the_live_network_is_what_its_script_has():
    script = (REPORT / "explorer" / "js" / "lstm.js").read_text("utf-8")
    assert f"const STEPS = {explorer.STEPS};" in script


def test_a_missing_source_is_named(tmp_path, data):
    with pytest.raises(StudyError, match=r"the explorer is made from .*article\.css, but there is no such file"):
        explorer.page(tmp_path, data)


# ---------------------------------------------------------------- its data


def test_every_number_of_the_tables_is_in_the_page_to_half_a_unit(data):
    rows = {row.point: row for row in explorer_study.points().itertuples()}
    assert [one["point"] for one in data["points"]] != []
    assert {one["point"] for one in data["points"]} == set(rows)
    for one in data["points"]:
        row, lags = rows[one["point"]], data["lags"][one["lags"]]
        assert lags == list(explorer_study.lags(row))
        for name, quantity in (("norm", "norm"), ("carry", "hop_0")):
            for lag, middle, low in zip(
                lags, *(listed(one[name][end], len(lags)) for end in ("median", "low")), strict=True
            ):
                expected = explorer_study.median(row, quantity, lag)
                assert number(middle, "log10") == pytest.approx(expected, abs=0.0005 + 1e-12)
                assert number(low, "log10") == pytest.approx(expected - explorer_study.BELOW, abs=0.0005 + 1e-12)
        assert number(one["exponent"][0], "rate") == pytest.approx(explorer_study.slope(row) * math.log(10), abs=5e-6)
        for by_hop in one["shares"]["median"]:
            shares = listed(by_hop, explorer_study.HOPS + 2)
            assert [number(share, "share") for share in shares] == [
                explorer_study.share(row, hop) for hop in range(explorer_study.HOPS + 2)
            ]


def test_only_a_cell_with_the_articles_product_shows_one(data):
    assert {one["cell"] for one in data["points"] if "article" in one} == {"lstm"}


def test_the_kind_with_most_points_comes_first_and_labels_tell_kinds_apart(data):
    labels = [kind["label"] for kind in data["kinds"]]
    assert labels == ["Gaussian weights; noise", "Gaussian weights; digits", "PyTorch's default weights; noise"]
    assert len({kind["name"] for kind in data["kinds"]}) == len(data["kinds"])


def test_kinds_that_share_weights_and_inputs_are_told_apart_by_what_differs():
    points = explorer_study.points()
    tanh = points[points["cell"] == "tanh"]
    both = pd.concat([tanh.assign(length=1000), tanh])
    labels = [label for _, label in explorer_data.kinds_of(both).values()]
    assert labels == ["Gaussian weights; noise, T = 1000", "Gaussian weights; noise, T = 300"]


def test_coverage_is_told_by_the_number_of_networks(data):
    assert data["coverage"] == {"10": 0.9785}


def test_a_point_without_a_finite_window_is_not_shown(tmp_path):
    tables = explorer_study.tables()
    for name in ("lag_profile", "hop_spectrum"):
        tables[name] = tables[name][tables[name]["point"] != "p00"]
    for name, frame in tables.items():
        write_table(tmp_path / f"{name}.parquet", frame, name)
    shown = {one["point"] for one in explorer_data.study(tmp_path)["points"]}
    assert shown == set(tables["points"]["point"]) - {"p00"}


def test_a_study_that_measured_nothing_has_no_explorer(tmp_path):
    for name, frame in explorer_study.tables().items():
        write_table(tmp_path / "tables" / f"{name}.parquet", frame[:0], name)
    with pytest.raises(StudyError, match="hold no measured point"):
        explorer.write(tmp_path, tmp_path / "explorer.html", REPORT)


def test_a_missing_table_is_named(tmp_path):
    with pytest.raises(StudyError, match=r"cannot read .*points\.parquet"):
        explorer.write(tmp_path, tmp_path / "explorer.html", REPORT)
