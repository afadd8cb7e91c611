"""The command as a user types it, in an environment of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
import torch

from tests.diagnosis.users import inputs, module
from whylstm.__main__ import main
from whylstm.diagnosis import api
from whylstm.diagnosis.tables import TABLES
from whylstm.study.schema import ROOT


@pytest.fixture
def files(tmp_path):
    """Return a folder with a model and its inputs, in single precision as users have them."""
    torch.save(
        {"model": {f"rnn.{k}": v.float() for k, v in module("lstm", 2).state_dict().items()}}, tmp_path / "net.pt"
    )
    np.save(tmp_path / "x.npy", inputs(2, 30, dtype=torch.float32).numpy())
    return tmp_path


def test_a_user_gets_words_a_page_a_summary_and_tables(files):
    words = [
        sys.executable,
        "-m",
        "whylstm",
        "diagnose",
        "net.pt",
        "--inputs",
        "x.npy",
        "--lags",
        "20",
        "--sequences",
        "1",
    ]
    environment = os.environ | {"PYTHONPATH": str(ROOT / "src")}
    run = subprocess.run(words, cwd=files, capture_output=True, text=True, env=environment)
    assert run.returncode == 0, run.stderr
    assert run.stdout.startswith("net: LSTM, 2 layers of 5 units, on 1 sequence of 30 steps.\n\nThe gradient ")
    assert run.stdout.endswith("The page: diagnosis-net/index.html\n")
    first = run.stderr.splitlines()[0]
    assert first.startswith("LSTM, 2 layers of 5 + 5 units, 1 sequence of 30 steps, lags up to 20 in 3 windows; about ")
    assert first.endswith("MB of memory")
    folder = files / "diagnosis-net"
    assert (folder / "index.html").read_text("utf-8").startswith("<!doctype html>")
    summary = json.loads((folder / "summary.json").read_text("utf-8"))
    assert (summary["name"], summary["settings"]["lags"]) == ("net", 20)
    assert summary["check"] < 1e-9  # although the user's torch computes in float32 unless told otherwise
    assert "float32 and were converted" in " ".join(summary["notes"])
    for name in TABLES:
        parquet = pd.read_parquet(folder / "tables" / f"{name}.parquet")
        csv = pd.read_csv(folder / "tables" / f"{name}.csv")
        pd.testing.assert_frame_equal(parquet, csv, check_dtype=False, rtol=1e-15)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["none.pt", "--inputs", "x.npy"], "there is no model file none.pt"),
        (["net.pt", "--inputs", "none.npy"], "there is no input file none.npy"),
        (["net.pt", "--inputs", "net.pt"], "net.pt holds model.rnn.weight_ih_l0, "),
        (["x.npy", "--inputs", "x.npy"], "x.npy has the unknown format '.npy'"),
        (
            ["net.pt", "--inputs", "x.npy", "--cell", "gru"],
            "cell: 'gru' does not fit model.rnn.weight_hh_l0 with shape (20, 5)",
        ),
        (
            ["net.pt", "--inputs", "x.npy", "--lags", "31"],
            "lags is 31; the sequences have 30 steps, so allowed: 1 to 30",
        ),
        (["net.pt", "--inputs", "x.npy", "--sequences", "2"], "sequences: there is no sequence 2; allowed: 0 to 1"),
        (["net.pt", "--inputs", "x.npy", "--sequences", "a"], "sequences: 'a' is not allowed"),
        (["net.pt", "--inputs", "x.npy", "--prefix", "dec"], "no recurrent layer has the prefix 'dec'"),
        (["net.pt", "--inputs", "bad.npy"], "the input holds nan at sequence 0, step 3, feature 1 (counted from 0)"),
        (["net.pt", "--inputs", "narrow.npy"], "the input has shape (30, 2), so 2 features, but the network reads 3"),
        (
            ["net.pt", "--inputs", "x.npy", "--output", "x.npy"],
            "the output folder x.npy cannot be written: x.npy is not a folder",
        ),
        (["net.pt", "--inputs", "x.npy", "--output", "x.npy/a/b"], "the output folder x.npy/a/b cannot be written: "),
        (["net.pkl", "--inputs", "x.npy"], "net.pkl is a pickle, which can run code when it is opened, and is refused"),
    ],
)
def test_a_mistake_is_one_line_and_status_2(files, monkeypatch, capsys, words, message):
    monkeypatch.chdir(files)
    bad = inputs(2, 30).numpy()
    bad[0, 3, 1] = np.nan
    np.save("bad.npy", bad)
    np.save("narrow.npy", np.zeros((30, 2)))
    (files / "net.pkl").write_bytes(b"x")
    before = sorted(files.iterdir())
    assert main(["diagnose", *words, "--quiet"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"error: {message}")
    assert err.count("\n") == 1
    assert sorted(files.iterdir()) == before


def test_a_folder_that_cannot_be_written_is_found_before_anything_is_measured(files, monkeypatch, capsys):
    def measured(*_):
        raise AssertionError("measured in vain")

    monkeypatch.chdir(files)
    monkeypatch.setattr(api, "measured", measured)
    assert main(["diagnose", "net.pt", "--inputs", "x.npy", "--output", "net.pt/out"]) == 2
    assert "net.pt is not a folder" in capsys.readouterr().err


def test_time_may_come_first_and_the_folder_and_the_name_are_the_users(files, monkeypatch, capsys):
    monkeypatch.chdir(files)
    np.savez("x.npz", a=np.zeros(3), b=inputs(2, 30).numpy().transpose(1, 0, 2))
    words = ["net.pt", "--inputs", "x.npz", "--array", "b", "--time-first", "--output", "out/here", "--name", "a/b <c>"]
    assert main(["diagnose", *words, "--quiet", "--windows", "1", "--hops", "1"]) == 0
    out, err = capsys.readouterr()
    assert out.startswith("a/b <c>: LSTM, 2 layers of 5 units, on 2 sequences of 30 steps.")
    assert err == ""
    assert (files / "out" / "here" / "index.html").exists()


def test_a_name_with_a_slash_makes_no_folder_of_its_own(files, monkeypatch, capsys):
    monkeypatch.chdir(files)
    monkeypatch.setattr(api.Diagnosis, "page", lambda diagnosis: "")
    assert main(["diagnose", "net.pt", "--inputs", "x.npy", "--name", "../a", "--quiet", "--sequences", "0"]) == 0
    assert "The page: diagnosis-..-a/index.html" in capsys.readouterr().out
