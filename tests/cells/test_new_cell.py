"""A cell added by a stranger: one file in a folder of their own, without a hand-written Jacobian, and nothing else."""

from __future__ import annotations

import importlib
import sys

import pytest

from tests.cases import cases
from tests.cells.declarations import DECLARATIONS
from tests.cells.laws import LAWS
from whylstm import cells

FILE = '''
"""Update gate recurrent network (Collins, Sohl-Dickstein & Sussillo 2017): h' = z h + (1 - z) tanh(...)."""

from whylstm.cells.base import Cell, sigmoid


class UGRNN(Cell):
    gates = ("z", "n")
    carry_gate = "z"
    extras = {"bend": 1.0}
    options = {"lift": 0.1}
    source = "Collins, Sohl-Dickstein & Sussillo 2017"

    def update(self, s, r, a, w):
        z = sigmoid(r["z"] + a["z"] + w["lift"])
        return {"h": z * s["h"] + (1 - z) * (w["bend"] * (r["n"] + a["n"])).tanh()}


CELL = UGRNN()
'''


@pytest.fixture
def stranger(tmp_path, monkeypatch):
    (tmp_path / "ugrnn.py").write_text(FILE)
    monkeypatch.setattr(cells, "__path__", [*cells.__path__, str(tmp_path)])
    importlib.invalidate_caches()
    yield "ugrnn"
    sys.modules.pop("whylstm.cells.ugrnn", None)
    vars(cells).pop("ugrnn", None)


def test_it_is_found_by_its_file_name(stranger):
    assert stranger in cells.names()
    assert cells.load(stranger).name == stranger


def test_it_keeps_every_law(stranger):
    for case in cases([stranger]):
        for law in LAWS:
            law(case)


def test_what_it_declares_is_measured(stranger):
    for law in DECLARATIONS:
        law(stranger)
