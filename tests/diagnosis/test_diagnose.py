"""The whole way, as a user of the library goes it: from a module and inputs to summary, tables and text."""

from __future__ import annotations

import math
import subprocess
import sys

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

import whylstm
from tests.cases import one_model, random_weights
from tests.diagnosis.users import KINDS, inputs, module, torch_input_gradient, torch_jacobian
from whylstm import cells
from whylstm.diagnosis.tables import TABLES
from whylstm.errors import StudyError
from whylstm.study.schema import ROOT


def diagnose(model, data, **wishes):
    return whylstm.diagnose(model, data, verbose=False, exact=True, **wishes)


@pytest.fixture(scope="module", params=[(kind, layers) for kind in KINDS for layers in (1, 2)], ids=str)
def found(request):
    """A module, its inputs and its diagnosis."""
    rnn, data = module(*request.param), inputs(2, 40)
    return rnn, data, diagnose(rnn, data, lags=30, windows=1)


def lag_norm(diagnosis, layer, quantity, sequence, lag):
    rows = diagnosis.tables["lag_profile"]
    at = (
        (rows["layer"] == layer)
        & (rows["quantity"] == quantity)
        & (rows["sequence"] == sequence)
        & (rows["lag"] == lag)
    )
    return float(rows.loc[at, "log10_norm"].iloc[0])


def test_the_tables_hold_torchs_gradients(found):
    rnn, data, diagnosis = found
    for sequence in range(2):
        theirs = torch_jacobian(rnn, data[sequence], 40, 7)
        assert lag_norm(diagnosis, 0, "norm", sequence, 7) == pytest.approx(math.log10(float(theirs.norm())), abs=1e-9)
        rows = diagnosis.tables["inputs"].query("sequence == @sequence")["log10_norm"].to_numpy()
        by_torch = torch_input_gradient(rnn, data[sequence], 40)[:30].log10().numpy()
        np.testing.assert_allclose(rows, by_torch, rtol=0, atol=1e-9)


def test_two_routes_agree_and_the_summary_says_how_well(found):
    _, _, diagnosis = found
    assert 0 <= diagnosis.summary["check"] < 1e-9  # thirty products, each of them rounded to 1e-16


def test_every_table_is_there_with_its_documented_columns(found):
    _, _, diagnosis = found
    assert diagnosis.tables.keys() == TABLES.keys()
    for name, frame in diagnosis.tables.items():
        assert list(frame.columns) == list(TABLES[name][1]), name
        assert len(frame) or name == "units"


def test_the_summary_is_made_from_the_tables(found):
    rnn, _, diagnosis = found
    summary, whole = diagnosis.summary, diagnosis.summary["network_scope"]
    norms = [[lag_norm(diagnosis, 0, "norm", s, lag) for s in range(2)] for lag in (1, 30)]
    assert whole["decades"] == pytest.approx(np.median(norms[1]) - np.median(norms[0]))
    carry = np.median([lag_norm(diagnosis, 0, "hop_0", s, 10) for s in range(2)])
    norm = np.median([lag_norm(diagnosis, 0, "norm", s, 10) for s in range(2)])
    assert whole["carry_share"]["10"] == pytest.approx(10 ** (carry - norm))
    assert len(summary["layers"]) == rnn.num_layers
    assert summary["network"]["state"] == rnn.num_layers * 5 * (2 if rnn.mode == "LSTM" else 1)
    assert (summary["layers"][0]["article"] is not None) == (rnn.mode == "LSTM")
    assert (summary["layers"][0]["units"] is None) == (rnn.mode in ("RNN_TANH", "RNN_RELU"))


def test_the_text_tells_every_finding_and_no_number_is_missing(found):
    _, _, diagnosis = found
    text = str(diagnosis)
    for word in ("How far back: ", "How fast: ", "By which path: ", "What to try: ", "Clipping: "):
        assert word in text
    assert "nan" not in text.lower()
    assert "None" not in text.replace("None of them", "")


def test_modules_state_dicts_and_files_give_the_same_diagnosis(tmp_path):
    rnn, data = module("gru"), inputs(1, 25)
    save_file(rnn.state_dict(), tmp_path / "net.safetensors")
    torch.save({"net.rnn." + name: value for name, value in rnn.state_dict().items()}, tmp_path / "net.pt")
    np.save(tmp_path / "x.npy", data.numpy())
    first = diagnose(rnn, data)
    for model, given in ((rnn.state_dict(), data.numpy()), (tmp_path / "net.safetensors", tmp_path / "x.npy")):
        other = diagnose(model, given)
        assert all(other.tables[name].equals(first.tables[name]) for name in TABLES)
    assert diagnose(str(tmp_path / "net.pt"), data).name == "net"
    assert diagnose(rnn, data, name="mine").name == "mine"


def test_single_precision_is_converted_and_not_computed_in():
    rnn, data = module("lstm", dtype=torch.float32), inputs(1, 25, dtype=torch.float32)
    single, double = diagnose(rnn, data), diagnose(rnn.double(), data.double())
    assert all(single.tables[name].equals(double.tables[name]) for name in TABLES)
    assert sum("converted to float64" in note for note in single.summary["notes"]) == 2


def test_three_axes_are_read_as_the_module_reads_them():
    data = inputs(2, 25)
    by_time = module("tanh", batch_first=False)
    right = diagnose(module("tanh"), data)
    assert diagnose(by_time, data.transpose(0, 1)).tables["inputs"].equals(right.tables["inputs"])
    assert diagnose(by_time, data, batch_first=True).tables["inputs"].equals(right.tables["inputs"])
    assert diagnose(by_time.state_dict(), data).tables["inputs"].equals(right.tables["inputs"])
    assert "(steps, sequences, features): 2 sequences of 25 steps" in " ".join(
        diagnose(by_time, data.transpose(0, 1)).summary["notes"]
    )


def test_chosen_sequences_keep_their_numbers():
    data = inputs(6, 25)
    found = diagnose(module("tanh"), data, select=[4])
    assert set(found.tables["lag_profile"]["sequence"]) == {4}
    alone = diagnose(module("tanh"), data[4])
    assert found.tables["inputs"]["log10_norm"].equals(alone.tables["inputs"]["log10_norm"])


@pytest.mark.parametrize("name", ["leaky", "lstm_1997", "lstm_peephole", "janet", "minlstm", "lru", "slstm", "linear"])
def test_every_kind_of_cell_of_ours_is_diagnosed(name):
    weights = one_model(random_weights(cells.load(name), 4, seed=1, features=3), 0)
    found = diagnose({key: value for key, value in weights.items() if value.numel()}, inputs(1, 30), cell=name)
    assert found.summary["check"] < 1e-9
    assert "nan" not in str(found).lower()
    if name in ("lru", "slstm"):  # those with the oddest states
        assert found.page()


@pytest.mark.parametrize("steps", [1, 2, 21, 22])
def test_short_sequences_are_measured_as_far_as_they_go(steps):
    found = diagnose(module("lstm", 2), inputs(1, steps))
    assert found.summary["settings"]["lags"] == steps
    assert (found.summary["network_scope"]["exponent"] is None) == (steps < 22)
    assert "nan" not in str(found).lower()
    if steps < 3:
        assert found.page()


def test_an_overflow_is_told_and_what_comes_before_is_measured():
    rnn = module("relu")
    with torch.no_grad():
        rnn.weight_hh_l0.copy_(torch.eye(5) * 100)
        rnn.weight_ih_l0.abs_()
    found = diagnose(rnn, inputs(1, 400).abs(), lags=300)
    assert "The state overflows at step" in " ".join(found.summary["notes"])
    assert found.summary["verdict"] == "explodes"
    assert found.summary["inputs"]["steps"] < 200
    with torch.no_grad():
        rnn.weight_ih_l0.fill_(1e308)
    with pytest.raises(StudyError, match="overflows at the first step"):
        diagnose(rnn, inputs(1, 400).abs())


def test_a_dead_network_vanishes_in_words():
    rnn = module("relu", 2)
    with torch.no_grad():
        rnn.bias_ih_l0.fill_(-100.0)
        rnn.bias_ih_l1.fill_(-100.0)
    found = diagnose(rnn, inputs(1, 40))
    assert found.summary["verdict"] == "vanishes"
    assert "it is exactly zero" in str(found)
    assert "nan" not in str(found).lower()
    assert found.page()


def test_the_verdict_follows_the_weights():
    """The same module with its matrix scaled: it vanishes, keeps (orthogonal, at rest) and explodes."""
    rnn, silence = module("tanh", bias=False), torch.zeros(1, 60, 3)
    torch.nn.init.orthogonal_(rnn.weight_hh_l0, generator=torch.Generator().manual_seed(0))
    words = []
    for _ in range(3):
        words.append(diagnose(rnn, silence).summary["verdict"])
        with torch.no_grad():
            rnn.weight_hh_l0.mul_(1.5 if len(words) == 1 else 1 / 1.5**2)
    assert words == ["keeps", "explodes", "vanishes"]


def test_a_second_run_writes_the_same_bytes(tmp_path):
    rnn, data = module("lstm"), inputs(1, 30)
    for name in ("one", "two"):
        diagnose(rnn, data, output=tmp_path / name, name="net")
    files = sorted(path.relative_to(tmp_path / "one") for path in (tmp_path / "one").rglob("*") if path.is_file())
    assert len(files) == 2 + 2 * len(TABLES)
    for path in files:
        assert (tmp_path / "one" / path).read_bytes() == (tmp_path / "two" / path).read_bytes(), path


def test_the_users_settings_are_as_before():
    rnn, data = module("gru"), inputs(1, 25)
    before = torch.get_num_threads(), torch.get_default_dtype(), torch.is_grad_enabled(), torch.random.get_rng_state()
    first = diagnose(rnn, data)
    after = torch.get_num_threads(), torch.get_default_dtype(), torch.is_grad_enabled(), torch.random.get_rng_state()
    assert before[:3] == after[:3]
    assert torch.equal(before[3], after[3])
    with torch.inference_mode():
        assert diagnose(rnn, data).tables["gradients"].equals(first.tables["gradients"])
    live = data.clone().requires_grad_()
    assert diagnose(rnn, live).tables["inputs"].equals(first.tables["inputs"])
    assert live.grad is None


def test_importing_the_package_imports_nothing_heavy():
    code = "import sys, whylstm; print(sorted({'torch', 'numpy'} & set(sys.modules)), callable(whylstm.diagnose))"
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT / "src", capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[] True"
    with pytest.raises(AttributeError, match="has no attribute 'diagnos'"):
        whylstm.diagnos  # noqa: B018


def test_what_is_no_model_is_refused():
    with pytest.raises(StudyError, match="the model is a list; allowed: a torch module"):
        diagnose([1], inputs())
    with pytest.raises(StudyError, match="the module says what it is itself"):
        diagnose(module("lstm"), inputs(), cell="lstm")
    with pytest.raises(StudyError, match="lags is 50; the sequences have 12 steps"):
        diagnose(module("lstm"), inputs(), lags=50)


@pytest.mark.parametrize("scale", [1e-200, 1e200])
@pytest.mark.parametrize("gain", [1.0, 1e150])
@pytest.mark.parametrize("kind", ["tanh", "lstm"])
def test_numbers_so_large_that_a_routine_gives_up_leave_a_finding_out_or_are_a_sentence(kind, gain, scale):
    rnn = module(kind, 2)
    with torch.no_grad():
        for weight in rnn.parameters():
            weight.mul_(gain)
    try:
        found = diagnose(rnn, inputs(2, 60) * scale, lags=10)
    except StudyError as error:
        assert "overflows at the first step" in str(error)
        return
    left_out = any("is left out: its numbers are so large or so small" in note for note in found.summary["notes"])
    assert left_out == (kind == "lstm" and gain == 1e150 and scale < 1)
    assert "<html" in found.page()
