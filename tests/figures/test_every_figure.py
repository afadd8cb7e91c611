"""What holds for every figure: files, words, bytes, at most five lines, legible sizes, labels that do not collide."""

import itertools
import json
import string
import subprocess
import sys
from functools import cache
from pathlib import Path

import matplotlib
import pytest
from matplotlib.text import Annotation, Text

from tests.figures import frames
from tests.trained import frames as trained_frames
from tests.trained import summaries as trained
from whylstm import figures, records, wording
from whylstm.errors import StudyError
from whylstm.figures import base, style

ROOT = Path(__file__).parents[2]
LINES = 5
POINTS = 8.0  # smallest text of a picture, as the study promises its readers
PHONE = 0.7  # a picture is 4.8 inches wide; a phone shows it at 345 CSS pixels, 3.6 inches
GRIDS = sorted(frames.GRIDS)


@cache
def tables(grid):
    return frames.tables(**frames.GRIDS[grid])


NAMES = [name for name in figures.names() if set(figures.load(name).tables) <= set(tables("smoke"))]
ON_THE_GRID = [name for name in NAMES if "points" in figures.load(name).tables]


def test_every_figure_is_tested_here():
    lost = {name: sorted(set(figures.load(name).tables) - set(tables("smoke"))) for name in figures.names()}
    assert {name: missing for name, missing in lost.items() if missing} == {}, "add these tables to frames.MORE"


@cache
def drawn(name, grid):
    with style.context(name):
        return figures.load(name).draw(tables(grid), frames.claims())


@cache
def rendered(name):
    return base.render(figures.load(name), tables("smoke"), frames.claims(), list(base.PICTURES))


def alone(*words):
    """Return a case that runs where the others of its figure run: a figure is drawn once there for all of them."""
    return pytest.param(*words, marks=pytest.mark.xdist_group(words[0]))


every = pytest.mark.parametrize("name", [alone(name) for name in NAMES])
everywhere = pytest.mark.parametrize(("name", "grid"), [alone(*pair) for pair in itertools.product(NAMES, GRIDS)])


@cache
def texts(picture):
    """All texts that are seen, each with its box or the field around it, without the arrow of an annotation."""
    picture.draw_without_rendering()
    hidden = {label for axes in picture.axes for label in unseen(axes)}
    seen = [text for text in picture.findobj(Text) if text.get_visible() and text.get_text().strip()]
    return [(text, box_of(text)) for text in seen if text not in hidden]


def box_of(text):
    field = text.get_bbox_patch()
    return field.get_window_extent() if field else Text.get_window_extent(text)


def unseen(axes):
    """The labels of a panel's ticks that are not drawn: those beyond its limits, and all where its axes are off."""
    for axis in (axes.xaxis, axes.yaxis):
        low, high = sorted(axis.get_view_interval())
        for tick in (*axis.get_major_ticks(), *axis.get_minor_ticks()):
            if not axes.axison or not low <= tick.get_loc() <= high:
                yield from (tick.label1, tick.label2)


@pytest.mark.parametrize("table", list(tables("smoke")))
def test_the_tables_of_these_tests_are_those_of_the_data_dictionary(table, tmp_path):
    records.write_table(tmp_path / f"{table}.parquet", tables("smoke")[table], table)


@every
def test_a_figure_says_everything_about_itself(name, tmp_path):
    record = figures.make(name, tables("smoke"), frames.claims(), {"json": tmp_path / "record.json"})
    assert json.loads((tmp_path / "record.json").read_text("utf-8")) == record
    assert record["number"] == int(name[3:5])
    assert record["verdict"] in wording.VERDICTS
    assert all(len(record[word]) > 20 and "{" not in record[word] for word in ("title", "caption", "alt"))
    assert (ROOT / record["code"]).is_file()
    assert set(record["tables"]) <= set(records.tables())
    assert record["command"] == f"snakemake --cores all results/figures/{name}.svg"


@pytest.mark.parametrize("name", ON_THE_GRID)
def test_what_is_estimated_states_its_replicates(name):
    assert "{replicates} replicates" in figures.load(name).caption
    caption = figures.load(name).words(tables("smoke"), frames.claims())["caption"]
    assert f"{frames.SMOKE['replicates']} replicates" in caption


@every
def test_equal_input_gives_equal_bytes(name, tmp_path):
    """From frames or files, whatever the order of the rows and the settings of the caller."""
    paths = {table: tmp_path / f"{table}.parquet" for table in figures.load(name).tables}
    for table, path in paths.items():
        records.write_table(path, tables("smoke")[table].sample(frac=1, random_state=3), table)
    records.write_json(tmp_path / "claims.json", list(frames.claims().values()))
    outputs = {kind: tmp_path / f"{name}.{kind}" for kind in base.PICTURES}
    with matplotlib.rc_context({"font.size": 23, "svg.hashsalt": "other", "axes.facecolor": "red"}):
        figures.make(name, paths, tmp_path / "claims.json", outputs)
        assert matplotlib.rcParams["font.size"] == 23
    for kind, content in rendered(name).items():
        assert outputs[kind].read_bytes() == content, kind


@every
def test_a_picture_holds_no_clock_and_no_path(name):
    assert b"<dc:date>" not in rendered(name)["svg"]
    assert b"CreationDate" not in rendered(name)["pdf"]
    assert all(str(ROOT).encode() not in content for content in rendered(name).values())


@every
def test_every_verdict_has_a_title_of_its_own_and_none_is_a_typed_fact(name):
    titles = figures.load(name).titles
    assert tuple(titles) == wording.VERDICTS
    assert len(set(titles.values())) == len(titles) or name == "fig22_claims"
    assert not any(char.isdigit() for title in titles.values() for char in title)


@every
def test_every_fact_of_a_template_is_known(name):
    figure = figures.load(name)
    known = figure.facts(tables("smoke"), frames.claims())
    for template in (*figure.titles.values(), figure.caption, figure.alt):
        asked = {field for _, field, _, _ in string.Formatter().parse(template) if field}
        assert asked <= set(known)


@everywhere
def test_at_most_five_lines_a_panel(name, grid):
    for axes in drawn(name, grid).axes:
        measured = [line for line in axes.lines if line.get_gid() not in ("halo", "boundary", "rule")]
        assert len(measured) <= LINES


@everywhere
def test_lines_differ_without_colour(name, grid):
    for axes in drawn(name, grid).axes:
        marked = [line for line in axes.lines if line.get_marker() not in ("", "None", None)]
        looks = [(str(line._unscaled_dash_pattern), line.get_marker()) for line in marked]
        assert len(set(looks)) == len(looks)
        assert len({dash for dash, _ in looks}) == len(looks) == len({marker for _, marker in looks})


@everywhere
def test_every_line_is_labelled_directly_and_nothing_by_a_legend(name, grid):
    picture = drawn(name, grid)
    assert not picture.legends
    for axes in picture.axes:
        assert axes.get_legend() is None
        lines = [line for line in axes.lines if line.get_gid() is None]
        labels = [text for text in axes.texts if text.get_gid() in ("end-label", "peak-label")]
        assert len(labels) == len(lines)


@everywhere
def test_text_is_large_enough(name, grid):
    picture = drawn(name, grid)
    assert picture.get_figwidth() <= 5
    sizes = [text.get_fontsize() for text, _ in texts(picture)]
    assert min(sizes) >= POINTS
    assert min(sizes) * PHONE >= 6  # CSS points on a phone, 8 CSS pixels


@everywhere
def test_every_text_stands_inside_the_picture(name, grid):
    picture = drawn(name, grid)
    width, height = picture.bbox.width, picture.bbox.height
    for text, box in texts(picture):
        inside = box.x0 >= -1 and box.y0 >= -1 and box.x1 <= width + 1 and box.y1 <= height + 1  # a pixel of rounding
        assert inside, text.get_text()


@everywhere
def test_no_two_texts_overlap(name, grid):
    boxes = [(text.get_text(), box.padded(-1)) for text, box in texts(drawn(name, grid))]  # a pixel of rounding
    for (one, first), (other, second) in itertools.combinations(boxes, 2):
        assert not first.overlaps(second), (one, other)


@everywhere
def test_axes_have_labels(name, grid):
    panels = [axes for axes in drawn(name, grid).axes if axes.axison]
    for axes in panels:
        assert axes.get_ylabel()
        shared = axes.get_shared_x_axes().get_siblings(axes)
        assert any(sibling.get_xlabel() for sibling in shared)


@everywhere
def test_the_title_is_in_the_picture(name, grid):
    title = figures.load(name).words(tables(grid), frames.claims())["title"]
    assert drawn(name, grid).get_suptitle().split() == title.split()


@every
def test_the_layout_is_frozen_so_that_all_formats_show_the_same(name):
    picture = drawn(name, "smoke")
    before = [axes.get_position().bounds for axes in picture.axes]
    picture.draw_without_rendering()
    assert [axes.get_position().bounds for axes in picture.axes] == before
    assert picture.get_layout_engine() is None


@pytest.mark.parametrize("name", [name for name in NAMES if figures.load(name).tables])
def test_a_table_that_is_not_given_is_named(name, tmp_path):
    for table in sorted({*figures.load(name).tables} - {*figures.load(name).optional}):
        given = {key: frame for key, frame in tables("smoke").items() if key != table}
        with pytest.raises(StudyError, match=table):
            figures.make(name, given, frames.claims(), {"svg": tmp_path / "no.svg", "json": tmp_path / "no.json"})
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", [name for name in NAMES if figures.load(name).tables])
def test_there_is_no_empty_picture(name, tmp_path):
    """A figure without rows is a sentence that says which table has none, and its record says that it shows nothing."""
    for table in sorted({*figures.load(name).tables} - {*figures.load(name).optional}):
        given = tables("smoke") | {table: tables("smoke")[table].head(0)}
        if not figures.load(name).sparse:
            outputs = {"svg": tmp_path / "no.svg", "json": tmp_path / "no.json"}
            record = figures.make(name, given, frames.claims(), outputs)
            assert not record["shown"] and table in record["title"]
            assert "<svg" in (tmp_path / "no.svg").read_text("utf-8")


TRAINING = [name for name in NAMES if "trials" in figures.load(name).tables]


@pytest.mark.parametrize("name", [name for name in NAMES if figures.load(name).optional])
def test_a_study_without_optional_tables_is_drawn_from_the_others(name, tmp_path):
    optional = figures.load(name).optional
    without = {key: frame for key, frame in tables("smoke").items() if key not in optional}
    empty = tables("smoke") | {key: frame.head(0) for key, frame in tables("smoke").items() if key in optional}
    outputs = {kind: tmp_path / f"{name}.{kind}" for kind in (*base.PICTURES, "json")}
    assert figures.make(name, without, frames.claims(), outputs) == figures.make(name, empty, frames.claims(), outputs)


@pytest.mark.parametrize("name", [name for name in NAMES if figures.load(name).sparse])
def test_a_study_that_trained_nothing_is_told_so_in_words(name, tmp_path):
    empty = tables("smoke") | {key: tables("smoke")[key].head(0) for key in figures.load(name).tables}
    outputs = {kind: tmp_path / f"{name}.{kind}" for kind in (*base.PICTURES, "json")}
    figures.make(name, empty, frames.claims(), outputs)
    record = json.loads(outputs["json"].read_text("utf-8"))
    assert len(record["title"]) > 20
    assert outputs["png"].stat().st_size > 1000
    assert "nan" not in record["caption"].split()


@pytest.mark.parametrize("name", TRAINING)
def test_a_study_of_one_arm_is_drawn_or_told(name):
    """A tier may train little: one arm, at one length, with hardly a solved run."""
    raw = trained_frames.tables()
    for arms in (["high"], ["plain", "low"], ["none"]):
        few = raw["trials"][raw["trials"]["arm"].isin(arms) & (raw["trials"]["longest"] == 50)]
        kept = {key: one[one["trial"].isin(few["trial"])] if "trial" in one else one for key, one in raw.items()}
        given = tables("smoke") | trained.complete(kept | {"trials": few})
        assert base.render(figures.load(name), given, frames.claims(), ["png"])["png"]
        figures.load(name).words(given, frames.claims())


@pytest.mark.parametrize("name", ON_THE_GRID)
def test_a_study_without_an_lstm_is_told_so(name, tmp_path):
    points = tables("smoke")["points"]
    given = tables("smoke") | {"points": points[points["cell"] != "lstm"]}
    record = figures.make(name, given, frames.claims(), {"json": tmp_path / "no.json"})
    assert not record["shown"] and "'lstm'" in record["title"]


@pytest.mark.parametrize("name", ON_THE_GRID)
def test_a_grid_of_one_point_is_drawn(name):
    one = {"gains": (1.0,), "biases": (1.0,), "hidden": (8,), "lags": 20, "replicates": 4}
    given = frames.tables(**one)
    assert base.render(figures.load(name), given, frames.claims(), ["png"])["png"]


def test_figures_are_found_by_name():
    names = figures.names()
    assert sorted(names, key=lambda name: figures.load(name).number) == names
    assert len({figures.load(name).number for name in names}) == len(names)
    with pytest.raises(StudyError, match="did you mean 'fig07_phase_diagram'"):
        figures.load("fig07_phase_diagramm")
    with pytest.raises(StudyError, match="no figure 'style'"):
        figures.load("style")


def test_an_unknown_format_is_refused(tmp_path):
    with pytest.raises(StudyError, match="'gif'; allowed: svg, pdf, png, json"):
        figures.make(NAMES[0], tables("smoke"), frames.claims(), {"gif": tmp_path / "x.gif"})


def test_the_command_names_the_tier_but_never_the_place():
    outputs = {"svg": "/somewhere/results/paper/figures/x.svg"}
    figure = figures.load(NAMES[0])
    made = base.describe(figure, tables("smoke"), frames.claims(), outputs)["command"]
    assert made == f"snakemake --cores all results/paper/figures/{figure.name}.svg --config tier=paper"


def test_a_template_that_asks_for_what_is_not_known_says_so():
    with pytest.raises(StudyError, match="fig: a text asks for the fact 'size'; known: depth"):
        base.fill("{size}", {"depth": "2"}, "fig")


def test_importing_the_figures_imports_nothing_heavy():
    code = "import sys, whylstm.figures as f; [f.load(n) for n in f.names()]; print(*sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"torch", "matplotlib", "pandas", "seaborn", "numpy"} & set(found)


def test_drawing_does_not_import_torch():
    code = (
        "import sys; from tests.figures import frames; from whylstm import figures\n"
        "figures.make('fig07_phase_diagram', frames.tables(**frames.SMOKE), frames.claims(), {})\n"
        "from whylstm.figures import base\n"
        "base.render(figures.load('fig07_phase_diagram'), frames.tables(**frames.SMOKE), frames.claims(), ['svg'])\n"
        "assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT, env={"PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"})


def test_an_annotation_keeps_its_own_box():
    # the helper above must leave out the leader line of a label, which may well pass another label
    picture = drawn("fig02_log_norm_against_lag", "smoke")
    labels = [text for text, _ in texts(picture) if isinstance(text, Annotation) and text.arrow_patch]
    assert labels
