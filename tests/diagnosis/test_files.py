"""Files are read without running what is in them, and each that cannot be read is refused in one sentence."""

from __future__ import annotations

import os
import pickle

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from tests.diagnosis.users import inputs, module
from whylstm.diagnosis import model_files, sequences
from whylstm.errors import StudyError


class Bomb:
    """Whoever unpickles it makes a folder: the trace of code that ran."""

    def __init__(self, trace):
        self.trace = trace

    def __reduce__(self):
        return os.mkdir, (str(self.trace),)


@pytest.mark.parametrize("suffix", [".pt", ".pth", ".ckpt", ".bin"])
@pytest.mark.parametrize("legacy", [False, True])
def test_a_checkpoint_that_would_run_code_is_refused_and_does_not(tmp_path, suffix, legacy):
    path, trace = tmp_path / f"model{suffix}", tmp_path / "ran"
    torch.save({"weight_hh_l0": Bomb(trace)}, path, _use_new_zipfile_serialization=not legacy)
    for read in (model_files.read, sequences.read) if suffix in (".pt", ".pth") else (model_files.read,):
        with pytest.raises(
            StudyError, match=r"is refused, for it holds .*mkdir, not only tensors, and opening it could run"
        ) as found:
            read(path)
        assert "\n" not in str(found.value)
    assert not trace.exists()


def test_a_wish_of_the_environment_for_careless_loading_is_not_heard(tmp_path, monkeypatch):
    path, trace = tmp_path / "model.pt", tmp_path / "ran"
    torch.save(Bomb(trace), path)
    monkeypatch.setenv("TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD", "1")
    with pytest.raises(StudyError, match="is refused"):
        model_files.read(path)
    assert not trace.exists()


def test_plain_pickles_are_refused_by_name_and_by_content(tmp_path):
    trace = tmp_path / "ran"
    for name in ("model.pkl", "model.pickle", "model.pt"):
        path = tmp_path / name
        path.write_bytes(pickle.dumps(Bomb(trace)))
        with pytest.raises(StudyError, match=r"refused|cannot be read"):
            model_files.read(path)
    assert not trace.exists()


@pytest.mark.filterwarnings("ignore:`torch.jit")
def test_a_whole_module_and_a_script_are_refused(tmp_path):
    path = tmp_path / "model.pt"
    torch.save(module("lstm"), path)
    with pytest.raises(
        StudyError, match=r"it holds torch.nn.modules.rnn.LSTM, not only tensors, and .*; write the weights alone"
    ):
        model_files.read(path)
    torch.jit.save(torch.jit.script(torch.nn.Linear(2, 2)), path)
    with pytest.raises(StudyError, match="is refused"):
        model_files.read(path)


@pytest.mark.parametrize("suffix", [".safetensors", ".pt", ".pth", ".ckpt", ".bin"])
def test_weights_are_read_to_the_bit(tmp_path, suffix):
    path, tensors = tmp_path / f"model{suffix}", module("gru").state_dict()
    save_file(tensors, path) if suffix == ".safetensors" else torch.save(tensors, path)
    found = model_files.read(path)
    assert found.keys() == tensors.keys()
    assert all(torch.equal(found[name], value) for name, value in tensors.items())


@pytest.mark.parametrize("suffix", [".safetensors", ".pt", ".npy", ".npz"])
@pytest.mark.parametrize("content", [b"", b"nothing of the kind", b"PK\x03\x04 cut short", b"\x93NUMPY\x01\x00"])
def test_a_damaged_file_is_one_sentence(tmp_path, suffix, content):
    path = tmp_path / f"file{suffix}"
    path.write_bytes(content)
    read = model_files.read if suffix in (".safetensors", ".pt") else sequences.read
    with pytest.raises(StudyError, match=r"cannot be read|is refused") as found:
        read(path)
    assert "\n" not in str(found.value)
    assert len(str(found.value)) < 400


def test_a_file_cut_short_is_refused(tmp_path):
    whole, cut = tmp_path / "whole.pt", tmp_path / "cut.pt"
    torch.save(module("lstm").state_dict(), whole)
    cut.write_bytes(whole.read_bytes()[:-100])
    with pytest.raises(StudyError, match=r"cut.pt cannot be read as a torch file"):
        model_files.read(cut)


def test_the_old_format_cut_anywhere_is_one_sentence(tmp_path):
    """It is a bare pickle with data behind it, whose reader fails in many ways: struct.error is one of them."""
    path = tmp_path / "model.pt"
    torch.save(module("gru").state_dict(), path, _use_new_zipfile_serialization=False)
    whole = path.read_bytes()
    for length in range(1, len(whole), 5):
        path.write_bytes(whole[:length])
        with pytest.raises(StudyError, match=r"cannot be read|is refused") as found:
            model_files.read(path)
        assert "\n" not in str(found.value)


def test_missing_files_and_unknown_formats_are_named(tmp_path):
    for read, word in ((model_files.read, "model"), (sequences.read, "input")):
        with pytest.raises(StudyError, match=f"there is no {word} file .*nowhere.pt"):
            read(tmp_path / "nowhere.pt")
        for name in ("a.h5", "a"):
            (tmp_path / name).write_bytes(b"x")
            with pytest.raises(StudyError, match=r"unknown format .*; allowed: "):
                read(tmp_path / name)


def test_a_tensor_is_no_model(tmp_path):
    torch.save(torch.ones(3), tmp_path / "a.pt")
    with pytest.raises(StudyError, match="holds a Tensor, not weights by name"):
        model_files.read(tmp_path / "a.pt")


def test_inputs_are_read_from_every_format(tmp_path):
    data = inputs().numpy()
    np.save(tmp_path / "x.npy", data)
    np.savez(tmp_path / "x.npz", data)
    np.savez(tmp_path / "two.npz", x=data, y=data + 1)
    np.savez(tmp_path / "other.npz", a=data, y=data + 1)
    torch.save(torch.from_numpy(data), tmp_path / "x.pt")
    for name, array in (("x.npy", None), ("x.npz", None), ("two.npz", None), ("other.npz", "a"), ("x.pt", None)):
        assert np.array_equal(np.asarray(sequences.read(tmp_path / name, array)), data)
    with pytest.raises(StudyError, match=r"other.npz holds a, y; choose one with array"):
        sequences.read(tmp_path / "other.npz")
    with pytest.raises(StudyError, match=r"choose one with array \(not 'b'\)"):
        sequences.read(tmp_path / "other.npz", "b")


@pytest.mark.parametrize("save", [np.save, np.savez])
def test_arrays_of_objects_are_refused_and_not_opened(tmp_path, save):
    path, trace = tmp_path / f"x.{'npy' if save is np.save else 'npz'}", tmp_path / "ran"
    objects = np.array([None], dtype=object)
    objects[0] = Bomb(trace)
    save(path, objects, allow_pickle=True)
    with pytest.raises(StudyError, match="holds Python objects, which can run code when opened, and is refused"):
        sequences.read(path)
    assert not trace.exists()
