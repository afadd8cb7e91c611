"""The page on numerics speaks of every figure of the laboratory, and its evidence can be computed."""

import re
import runpy

import pytest

from whylstm import figures, laboratory
from whylstm.study.schema import ROOT

BLOCKS = (ROOT / "docs" / "numerics.md").read_text("utf-8").split("\n\n")
PAGE = "\n".join(" ".join(block.split()) for block in BLOCKS)
SCRIPT = runpy.run_path(str(ROOT / "benchmarks" / "convergence.py"), run_name="convergence")
CHEAP = ("cliff_and_points", "half_lives_and_length", "random_interventions_and_seeds")


def test_every_figure_of_the_laboratory_has_its_section():
    sections = {int(number) for number in re.findall(r"^## Figure (\d+):", PAGE, re.MULTILINE)}
    from tests.laboratory import summaries

    ours = [figures.load(name) for name in figures.names()]
    assert sections == {
        figure.number for figure in ours if figure.tables and set(figure.tables) <= set(summaries.tables())
    }


def column(name, heading):
    """The numbers of one column of the table that follows a line which holds these words."""
    place = next(i for i, block in enumerate(BLOCKS) if heading in " ".join(block.split()))
    rows = [line.strip("| ").split(" | ") for line in BLOCKS[place + 1].splitlines()]
    place = rows[0].index(name)
    return [float(row[place].replace(",", "")) for row in rows[2:]]


@pytest.mark.parametrize("question", CHEAP)
def test_evidence_can_be_computed_again(question):
    rows = list(SCRIPT["QUESTIONS"][question]())
    assert rows
    assert SCRIPT["QUESTIONS"][question].__doc__


def test_the_evidence_on_the_page_is_what_the_script_gives():
    half = [row["half-life"] for row in SCRIPT["half_lives_and_length"]()]
    # one digit after the point is printed
    assert column("half-life", "Longer runs, forget bias 4") == pytest.approx(half, abs=0.051)
    height = [row["log10 of the height"] for row in SCRIPT["cliff_and_points"]()]
    assert column("log₁₀ of the height", "shrink by equal factors") == pytest.approx(height, abs=0.0006)


def test_the_settings_on_the_page_are_the_defaults():
    """Those that the evidence is about; all others stand in docs/config.md."""
    settings = {name: laboratory.load(name).settings for name in laboratory.names()}
    assert f"one run of {settings['exponents']['length']} steps, {settings['exponents']['burn_in']} of them" in PAGE
    assert f"{settings['mean_field']['units']} sampled units along {settings['mean_field']['length']} steps" in PAGE
    assert f"a run of {settings['half_lives']['length']} steps" in PAGE
    assert f"With {settings['cliff']['points']} a side, the default" in PAGE
    assert f"{settings['error_surface']['points']} × {settings['error_surface']['points']} values" in PAGE
    assert f"product of {settings['counterexamples']['lags']} factors" in PAGE
    assert f"ratio of lag {settings['attention']['lags']} to lag 1" in PAGE
    assert f"{settings['two_unit_exponents']['steps'][-1]:,} steps" in PAGE
