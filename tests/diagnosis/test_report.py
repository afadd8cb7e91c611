"""The quick diagnosis from end to end: what a user hands over, and what comes back."""

import json
import re

import numpy as np
import pytest
import torch
from torch import nn

import whylstm
from tests.diagnosis.test_loops import data, looped
from tests.diagnosis.test_losses import data as packed_data
from tests.diagnosis.test_losses import every_step, made
from tests.diagnosis.users import inputs, module
from whylstm.diagnosis.observation.numbers import COLUMNS
from whylstm.errors import StudyError


def diagnose(*arguments, **wishes):
    return whylstm.diagnose(*arguments, verbose=False, **wishes)


@pytest.fixture(scope="module")
def found():
    return diagnose(made("packed lstm"), packed_data(), loss=every_step, name="<b>net & co</b>", lags=5)


def test_the_truncation_to_use_comes_first(found):
    text = str(found)
    body = text.split("\n\n")[1]
    assert re.match(r"rnn \(LSTM\)\. (Backpropagation may be truncated to|Do not truncate)", body)
    assert "Growth per step" not in text  # the sequences are too short for it
    assert found.page().index("truncate") < found.page().index("Effective memory")


def test_tables_have_their_documented_columns(found):
    assert found.tables.keys() == COLUMNS.keys()
    for name, frame in found.tables.items():
        assert list(frame.columns) == list(COLUMNS[name]), name
        assert len(frame)


def test_the_layers_make_up_the_whole(found):
    each = found.tables["by_layer"].groupby("lag")["state"].apply(lambda one: float((one**2).sum() ** 0.5))
    np.testing.assert_allclose(each, found.tables["by_lag"].set_index("lag")["state"])


def test_page_and_notebook_show_everything_and_escape_what_they_are_given(found, tmp_path):
    page = found.page()
    assert "<b>net" not in page
    assert "&lt;b&gt;net &amp; co" in page
    assert not re.search(r"<script|https?://(?!www\.w3\.org)", page)
    assert found._repr_html_().count("<figure>") == page.count("<figure>") == 3
    assert found.page() == page
    assert set(found.plot()) == {"norms", "carry", "truncation"}
    where = found.write(tmp_path / "out")
    assert where.read_text() == page
    assert json.loads((tmp_path / "out" / "summary.json").read_text())["parts"][0]["name"] == "rnn"
    assert {path.name for path in (tmp_path / "out" / "tables").iterdir()} == {
        f"{name}.{suffix}" for name in COLUMNS for suffix in ("csv", "parquet")
    }


@pytest.mark.parametrize("kind", ["lstm", "gru", "relu"])
def test_the_quick_numbers_hold_the_exact_ones(kind):
    rnn, x = module(kind, 2), inputs(2, 60)
    quick, exact = diagnose(rnn, x, lags=40), diagnose(rnn, x, lags=40, exact=True)
    norms = exact.tables["lag_profile"].query("layer == 0 and quantity == 'norm'").groupby("lag")["log10_norm"].mean()
    table = quick.tables["norms"].set_index("lag")
    inside = [table["low"][lag] <= norms[lag] <= table["high"][lag] for lag in norms.index]
    assert np.mean(inside) > 0.8  # lags share their directions, so they are in or out together
    assert np.abs(table["log10_norm"] - norms).max() < 0.3
    one, other = quick.parts[0].measured.exponent, exact.summary["network_scope"]["exponent"]
    assert one.value == pytest.approx(other["value"], abs=3 * (one.error + other["error"]))


def test_a_layer_is_measured_on_what_it_reads_in_every_layout():
    rnn, x = module("gru"), inputs(3, 30)
    wanted = diagnose(rnn, x).tables["norms"]["log10_norm"].to_numpy()
    by_time = module("gru", batch_first=False)
    for given in (
        diagnose(rnn, x.numpy()),
        diagnose(by_time, x.transpose(0, 1)),
        diagnose(by_time, x, batch_first=True),
        diagnose(rnn, x.float()),
    ):
        np.testing.assert_allclose(given.tables["norms"]["log10_norm"], wanted, atol=1e-5)
    assert list(diagnose(rnn, x, select=[1]).parts[0].measured.frame.sequences) == [1]


class Tokens(nn.Module):
    def __init__(self, between=False):
        super().__init__()
        self.embed, self.rnn, self.out = nn.Embedding(20, 3), nn.LSTM(3, 6), nn.Linear(6, 20)

    def forward(self, tokens):
        return self.out(self.rnn(self.embed(tokens))[0])


def test_a_model_reads_its_own_inputs_or_what_its_layer_reads():
    model = Tokens()
    found = diagnose(model, torch.randint(0, 20, (30, 2)))
    assert found.parts[0].measured.name == "rnn"
    read = diagnose(model, torch.randn(30, 2, 3))
    assert "since the model itself cannot be run on them" in read.notes[0]


def test_a_cell_whose_loop_is_not_seen_is_refused_and_never_measured_as_if_nothing_stood_in_it():
    model = looped("lstm", "LayerNorm")
    with pytest.raises(StudyError, match="the model cannot be run on this batch"):
        diagnose(model, torch.randn(2, 9, 7, 5))
    with pytest.raises(StudyError, match="calls 'cell', a LSTMCell, step by step"):
        diagnose(model, data(), exact=True)
    assert diagnose(model, data()).parts[0].measured.kind == "LSTMCell in a loop"
    assert diagnose(nn.LSTMCell(3, 4), torch.randn(2, 30, 3)).parts[0].measured.kind == "LSTMCell in a loop"


def test_a_step_function():
    weight = torch.eye(3) * 0.9
    found = diagnose(
        step=lambda s, x: torch.tanh(weight @ s + x), state=torch.zeros(3), inputs=torch.randn(40, 3) * 0.1
    )
    assert found.parts[0].measured.verdict == "vanishes"
    assert "there is no carry" in str(found)
    with pytest.raises(StudyError, match="needs the first state and inputs"):
        diagnose(step=lambda s, x: s)
    with pytest.raises(StudyError, match=r"returns \(4,\) for the state \(3,\)"):
        diagnose(step=lambda s, x: torch.zeros(4), state=torch.zeros(3), inputs=torch.randn(40, 3))


def test_what_does_not_go_together_is_refused():
    with pytest.raises(StudyError, match="there is nothing to measure"):
        diagnose()
    with pytest.raises(StudyError, match="loss needs a module"):
        diagnose(module("gru").state_dict(), inputs(1, 20), loss=every_step)
    with pytest.raises(StudyError, match="the module says what it is itself"):
        diagnose(module("gru"), inputs(1, 20), cell="gru")


def test_windows_do_not_end_in_padding_that_the_model_was_not_told_of():
    x = inputs(3, 60)
    x[1, 40:] = 0
    found = diagnose(module("lstm"), x, lags=30, windows=1)
    assert found.parts[0].measured.frame.ends.tolist() == [[60, 41, 60]]
    assert "(that of sequence 1 from step 41)" in found.notes[0]
    assert not diagnose(module("lstm"), torch.zeros(1, 60, 3)).notes  # an input that never changes is no padding


def test_mean_hops_of_a_loop_are_those_of_the_layer():
    """By random directions of each: their sums over three lags are alike, and none is far off."""
    ratios = []
    for seed in range(4):
        torch.manual_seed(seed)
        lstm, cell = nn.LSTM(3, 4).double(), nn.LSTMCell(3, 4).double()
        with torch.no_grad():
            for own, other in zip(cell.parameters(), lstm.parameters(), strict=True):
                own.copy_(other)
        x = torch.randn(40, 1, 3, dtype=torch.float64)
        one, other = (diagnose(model, x if model is lstm else x[:, 0]).parts[0].hops for model in (lstm, cell))
        ratios.append(one[[4, 9, 19]].sum() / other[[4, 9, 19]].sum())
    assert np.abs(np.array(ratios) - 1).max() < 0.35
    assert abs(np.mean(ratios) - 1) < 0.15


def test_the_memory_is_estimated_before(monkeypatch):
    from whylstm.diagnosis import progress

    monkeypatch.setattr(progress, "available_memory", lambda: 10)
    with pytest.raises(StudyError, match=r"needs about .* of memory"):
        diagnose(module("lstm"), inputs(1, 60))


@pytest.mark.parametrize("kind", ["tanh", "relu", "lstm", "gru"])
def test_weights_without_a_module_are_measured_quickly_where_that_is_asked_for(kind, tmp_path):
    rnn, x = module(kind, 2), inputs(2, 40)
    wanted = diagnose(rnn, x).tables["norms"]["log10_norm"]
    found = diagnose(rnn.state_dict(), x, exact=False, nonlinearity="relu" if kind == "relu" else None, output=tmp_path)
    np.testing.assert_allclose(found.tables["norms"]["log10_norm"], wanted, atol=1e-9)
    assert any("was taken as" in note or "as asked" in note for note in found.notes)
    assert (tmp_path / "index.html").is_file()
    with pytest.raises(StudyError, match="can only be measured exactly"):
        weights = {"U": torch.eye(3, dtype=torch.float64)[None], "W": torch.ones(1, 3, 3, dtype=torch.float64)}
        diagnose(weights | {"b": torch.zeros(1, 3, dtype=torch.float64)}, x, cell="linear", exact=False)
