"""The cell of docs/add-a-cell.md, as a reader would copy it, keeps every law, with and without its own diagonals."""

import pytest
import yaml

from tests.cases import FEATURES, MODELS, Case, cases
from tests.cells.declarations import DECLARATIONS
from tests.cells.laws import LAWS
from tests.docs.blocks import block
from whylstm import cells
from whylstm.study.config import load
from whylstm.study.design import design

PAGE = "add-a-cell.md"


@pytest.fixture(params=["cell", "fast cell"])
def cell(request, added):
    name = added(cells, "cfn", block(PAGE, request.param))
    plain = type(cells.load(name)).coefficients is cells.Cell.coefficients
    assert plain == (request.param == "cell")
    return name


def test_the_two_files_say_the_same_of_the_cell():
    plain = block(PAGE, "cell").replace("import Cell,", "import Cell, Coefficients,")
    assert block(PAGE, "fast cell").startswith(plain.partition("\n\nCELL")[0].rstrip())


def test_it_keeps_every_law(cell):
    # Cases are kept from test to test by their name, and the two files share one: so they are made here.
    every = [Case(cell, case.hidden, case.saturation, case.seed) for case in cases(["tanh"])]
    assert all(case.inputs.shape == (MODELS, 1, 7, FEATURES) for case in every)
    for case in every:
        for law in LAWS:
            law(case)


def test_what_it_declares_is_measured(cell):
    for law in DECLARATIONS:
        law(cell)


def test_the_config_of_the_page_puts_it_into_the_design(cell):
    config = load(overrides=yaml.safe_load(block(PAGE, "config")))
    assert len([point for point in design(config) if point.cell == cell]) == 5 * 3
